//go:build tools

// Package tools pins the Python language host: 3.75.0 is the last sdk module that carries it. Its other modules are at the
// versions tools/pulumi has, so that both are compiled from the same packages.
package tools

import _ "github.com/pulumi/pulumi/sdk/v3/python/cmd/pulumi-language-python"
