//go:build integration

package integration

import (
	"slices"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/loki/v3/pkg/logproto"

	"github.com/blueking/incidents/pkg/report"
	"github.com/blueking/incidents/tools/lokiserver"
)

const ofBackups = `
apiVersion: bkincidents/v1
id: backup-failed
revision: 1
status: active
severity: high
class: environment
title: {zh: 备份失败, en: 'Backup of {{job}} failed'}
summary: {zh: 备份失败, en: Backup failed}
terms:
  failed: {source: backup, text: 'backup job %{name:job} failed%{any}'}
detect: {term: failed}
key: [cluster, job]
resolve: {quiet: 1h}
remediation:
  - {id: look, risk: read-only, text: {zh: 看磁盘, en: Look at the disk}, command: 'df -h /backup/{{job}}'}
`

// A log that only the settings know is read, alerted on and handed over as nodeman's is.
func TestASourceOfTheSettingsOwn(t *testing.T) {
	now := time.Now().Truncate(time.Second)
	at := now.Add(-10 * time.Minute)
	if err := lokiserver.Push(t.Context(), lokiURL(), "", []logproto.Stream{{
		Labels:  `{test="own", app="backup", cluster="c1"}`,
		Entries: []logproto.Entry{{Timestamp: at, Line: at.Format("2006-01-02 15:04:05") + " ERROR backup job db failed, token=very-secret-value"}},
	}}); err != nil {
		t.Fatal(err)
	}
	s := on("own").With("signatures", ofBackups).With("sources", []map[string]any{
		{"source": "nodeman", "selector": `{test="own", source="nodeman"}`}, {"source": "backup", "selector": `{test="own", app="backup"}`},
	})
	for _, a := range []ask{{"queryType": "incidents", "sources": []string{"backup"}}, {"queryType": "alert", "signatures": []string{"backup-failed"}}} {
		if got := column[string](t, frame(t, lokiURL(), s, now.Add(-time.Hour), now, a), "signature"); !slices.Equal(got, []string{"backup-failed"}) {
			t.Errorf("%v: %q", a, got)
		}
	}
	health, err := plugin.CheckHealth(t.Context(), &backend.CheckHealthRequest{PluginContext: pluginContext(t, lokiURL(), s)})
	if err != nil || health.Status != backend.HealthStatusOk {
		t.Errorf("%+v %v", health, err)
	}

	var listed []struct{ ID string }
	if status := resource(t, lokiURL(), s, "Viewer", "GET", "incidents", "", &listed); status != 200 || len(listed) != 1 {
		t.Fatalf("%d %v", status, listed)
	}
	var r report.Report
	if status := resource(t, lokiURL(), s, "Viewer", "GET", "incidents/"+listed[0].ID+"?language=en", "", &r); status != 200 || len(r.Incidents) != 1 {
		t.Fatalf("%d %+v", status, r)
	}
	inc := r.Incidents[0]
	if inc.Title != "Backup of db failed" || inc.Steps[0].Command != "df -h /backup/db" || inc.Evidence[0].Line != at.Format("2006-01-02 15:04:05")+" ERROR backup job db failed, token=***" {
		t.Errorf("%+v", inc)
	}

	// Without the selector the signature would be silent: the health check says so.
	health, err = plugin.CheckHealth(t.Context(), &backend.CheckHealthRequest{PluginContext: pluginContext(t, lokiURL(), on("own").With("signatures", ofBackups))})
	if err != nil || health.Status != backend.HealthStatusError {
		t.Errorf("a source that nothing defines: %+v %v", health, err)
	}
}
