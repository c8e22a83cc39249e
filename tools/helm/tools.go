//go:build tools

// Package tools pins what renders the charts that are vendored.
package tools

import _ "helm.sh/helm/v3/cmd/helm"
