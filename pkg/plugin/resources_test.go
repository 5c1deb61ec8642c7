package plugin

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/grafana/grafana-plugin-sdk-go/backend"

	"github.com/blueking/incidents/pkg/signature"
)

// call calls a resource.
func call(t *testing.T, d *Datasource, method, path string) *backend.CallResourceResponse {
	t.Helper()
	var got *backend.CallResourceResponse
	path, _, _ = strings.Cut(path, "#")
	address := path
	path, _, _ = strings.Cut(path, "?")
	err := d.CallResource(t.Context(), &backend.CallResourceRequest{Method: method, Path: path, URL: address},
		backend.CallResourceResponseSenderFunc(func(r *backend.CallResourceResponse) error { got = r; return nil }))
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func TestResources(t *testing.T) {
	d := open(t, busy())
	for path, want := range map[string]string{
		"clusters":           `["c1"]`,
		"hosts":              `["10.0.0.1","10.0.0.2"]`,
		"labels/app/values":  `["agent","bk-job-gateway","nodeman"]`,
		"labels/none/values": `[]`,
	} {
		res := call(t, d, "GET", path)
		if got := strings.TrimSpace(string(res.Body)); res.Status != 200 || got != want || res.Headers["Content-Type"][0] != "application/json" {
			t.Errorf("%s: %d %s %v", path, res.Status, got, res.Headers)
		}
	}
	var sigs []map[string]any
	if err := json.Unmarshal(call(t, d, "GET", "signatures").Body, &sigs); err != nil {
		t.Fatal(err)
	}
	want := map[string]any{"id": "offline", "title": "Host <host> is offline", "severity": "high", "class": "operation", "family": "agent", "sources": []any{"nodeman"}, "status": "active"}
	if len(sigs) != 4 || fmt.Sprint(sigs[1]) != fmt.Sprint(want) {
		t.Errorf("%v", sigs)
	}
	for language, title := range map[string]string{"en": "is offline", "zh": "离线"} {
		if body := string(call(t, d, "GET", "signatures?language="+language).Body); !strings.Contains(body, title) {
			t.Errorf("signatures in %s: no %q in %s", language, title, body)
		}
	}
	var incidents []listedIncident
	if err := json.Unmarshal(call(t, d, "GET", "incidents").Body, &incidents); err != nil || len(incidents) != 4 {
		t.Errorf("%v %v", incidents, err)
	}
	if slices.ContainsFunc(incidents, func(i listedIncident) bool { return i.ID == "" || i.Title == "" }) {
		t.Errorf("%v", incidents)
	}
}

func TestResourcesThatFailSaySo(t *testing.T) {
	f := busy()
	d := open(t, f)
	f.fails[signature.Agent] = notReady
	for path, want := range map[string]struct {
		method string
		status int
		text   string
	}{
		"labels/a-b/values":          {"GET", 400, "Use letters"},
		"clusters":                   {"GET", 503, "Loki is not ready"},
		"hosts?from=yesterday":       {"GET", 400, "milliseconds"},
		"hosts?from=2000&to=1000":    {"GET", 400, "before to"},
		"nothing":                    {"GET", 404, ""},
		"signatures":                 {"POST", 405, ""},
		"labels/..%2F..%2Fx/values":  {"GET", 400, "Use letters"},
		"incidents?from=1&to=2#none": {"GET", 200, ""},
	} {
		res := call(t, d, want.method, path)
		if res.Status != want.status || !strings.Contains(string(res.Body), want.text) {
			t.Errorf("%s: %d %s", path, res.Status, res.Body)
		}
	}
	broken := open(t, newFake(), func(c *config) { c.Broken = badRequest("设置有误。", "The settings are wrong.") })
	if res := call(t, broken, "GET", "signatures"); res.Status != 400 || !strings.Contains(string(res.Body), "The settings are wrong.") {
		t.Errorf("%d %s", res.Status, res.Body)
	}
}

func TestListsAreBounded(t *testing.T) {
	set := map[string]bool{}
	for i := range 2 * maxValues {
		set[fmt.Sprint(i)] = true
	}
	if got := bounded(set); len(got) != maxValues || !slices.IsSorted(got) {
		t.Errorf("%d values", len(got))
	}
}
