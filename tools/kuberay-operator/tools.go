//go:build tools

// Package tools pins a program of the simulated region.
package tools

import _ "github.com/ray-project/kuberay/ray-operator"
