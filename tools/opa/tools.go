//go:build tools

// Package tools pins the policy engine.
package tools

import _ "github.com/open-policy-agent/opa"
