//go:build tools

// Package tools pins a program of the simulated region.
package tools

import _ "go.etcd.io/etcd/server/v3"
