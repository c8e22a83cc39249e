//go:build tools

// Package tools pins what copies images into a private registry.
package tools

import _ "github.com/google/go-containerregistry/cmd/crane"
