package frames

import (
	"strings"

	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/blueking/incidents/pkg/scan"
)

// Health is one row: 1 when there are no reasons, else 0 with them. A reason is a label and thereby part of an alert's
// identity, so it must not contain numbers that change from one evaluation to the next. res is nil when the scan failed.
func Health(reasons []string, res *scan.Result, v View) *data.Frame {
	f := numeric("health")
	value := 1.0
	if len(reasons) > 0 {
		value = 0
	}
	column(f, "reason", 1, func(int) string { return oneLine(strings.Join(reasons, "; ")) })
	column(f, ValueColumn, 1, func(int) float64 { return value })
	return finish(f, res, v, 1, 1)
}
