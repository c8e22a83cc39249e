//go:build tools

// Package tools pins what the tests of admission run.
package tools

import _ "github.com/open-policy-agent/gatekeeper/v3"
