//go:build tools

// Package tools pins a program of the simulated region.
package tools

import _ "sigs.k8s.io/kueue/cmd/kueue"
