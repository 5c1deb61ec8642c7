//go:build tools

// Package loki pins the Loki that the integration tests and demoLoki run. A module of its own keeps
// Loki's 360 dependencies out of the plugin's go.sum.
package loki

import _ "github.com/grafana/loki/v3/cmd/loki"
