package frames

import (
	"slices"
	"strings"

	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/blueking/incidents/pkg/scan"
)

// HealthIdentity is one row without labels: 1 when there are no reasons, else 0. A rule on it keeps its `for` and its
// alert while the reason changes. res is nil when the scan failed.
func HealthIdentity(reasons []string, res *scan.Result, v View) *data.Frame {
	f := numeric("health")
	column(f, ValueColumn, 1, func(int) float64 { return healthValue(reasons) })
	return finish(f, res, v, 1, 1)
}

// Health is the row of HealthIdentity with the reasons, which become a label.
func Health(reasons []string, res *scan.Result, v View) *data.Frame {
	f := numeric("health")
	column(f, "reason", 1, func(int) string { return oneLine(joined(reasons, v)) })
	column(f, ValueColumn, 1, func(int) float64 { return healthValue(reasons) })
	return finish(f, res, v, 1, 1)
}

// joined is a sentence of sentences: without their full stops but the last.
func joined(reasons []string, v View) string {
	out := slices.Clone(reasons)
	for i := range max(0, len(out)-1) {
		out[i] = strings.TrimRight(out[i], ".。")
	}
	return strings.Join(out, v.text("；", "; "))
}

func healthValue(reasons []string) float64 {
	if len(reasons) > 0 {
		return 0
	}
	return 1
}
