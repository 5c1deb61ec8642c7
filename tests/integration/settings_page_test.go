//go:build integration

package integration

import (
	"encoding/json"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/loki/v3/pkg/logproto"

	"github.com/blueking/incidents/tools/lokiserver"
)

// resource calls a resource of a data source as somebody with a role, and reads the answer.
func resource(t *testing.T, address string, s settings, role, method, path, body string, out any) int {
	t.Helper()
	req := &backend.CallResourceRequest{PluginContext: pluginContext(t, address, s), Method: method, URL: path, Body: []byte(body)}
	req.PluginContext.User.Role = role
	req.Path, _, _ = strings.Cut(path, "?")
	res, err := plugin.CallResource(t.Context(), req)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(res.Body, out); err != nil {
		t.Fatalf("%s: %d %s: %v", path, res.Status, res.Body, err)
	}
	return res.Status
}

func TestTheSettingsPageSeesWhatSelectorsFind(t *testing.T) {
	type answer struct {
		Message        string
		Streams, Hours int
		Labels         []struct {
			Name    string
			Streams int
		}
		Problem *struct {
			Message  string
			Position int
		}
	}
	now := time.Now()
	at := func(labels string, ago time.Duration) logproto.Stream {
		return logproto.Stream{Labels: labels, Entries: []logproto.Entry{{Timestamp: now.Add(-ago), Line: "x"}}}
	}
	if err := lokiserver.Push(t.Context(), lokiURL(), "", []logproto.Stream{
		at(`{test="page", pod="a", cluster="c"}`, time.Minute), at(`{test="page", pod="b"}`, time.Minute), at(`{test="page-old", pod="c"}`, 2*time.Hour),
	}); err != nil {
		t.Fatal(err)
	}
	look := func(address, role, selector string) (answer, int) {
		var out answer
		status := resource(t, address, on("page"), role, "GET", "streams?language=en&selector="+url.QueryEscape(selector), "", &out)
		return out, status
	}
	for _, c := range []struct {
		selector       string
		streams, hours int
	}{
		{`{test="page"}`, 2, 1}, {`{test=~"page.*", pod="b"}`, 1, 1}, {`{test="page-old"}`, 1, 24}, {`{test="page", pod="none"}`, 0, 24},
	} {
		got, status := look(lokiURL(), "Admin", c.selector)
		if status != 200 || got.Streams != c.streams || got.Hours != c.hours || got.Problem != nil {
			t.Errorf("%s: %d %+v", c.selector, status, got)
		}
	}
	both, _ := look(lokiURL(), "Admin", `{test="page"}`)
	for _, label := range both.Labels {
		if want := map[string]int{"test": 2, "pod": 2, "cluster": 1}[label.Name]; want > 0 && label.Streams != want {
			t.Errorf("%s: %d streams, want %d", label.Name, label.Streams, want)
		}
	}
	if got, status := look(lokiURL(), "Admin", `{test="page" pod="a"}`); status != 200 || got.Problem == nil || got.Problem.Position != 14 {
		t.Errorf("%d %+v", status, got)
	}
	if got, status := look(lokiURL(), "Viewer", `{test="page"}`); status != 403 || got.Message == "" {
		t.Errorf("a viewer: %d %+v", status, got)
	}
	if got, status := look(closedPort(t), "Admin", `{test="page"}`); status != 502 || !strings.Contains(got.Message, "refused") {
		t.Errorf("Loki is down: %d %+v", status, got)
	}
	if got, status := look("", "Admin", `{test="page"}`); status != 200 || got.Streams != -1 {
		t.Errorf("no address yet: %d %+v", status, got)
	}
}

func TestTheSettingsPageLintsSignatures(t *testing.T) {
	const text = `apiVersion: bkincidents/v1
id: site-check-failed
revision: 1
status: active
severity: low
class: environment
title: {zh: 站点检查失败, en: The check of the site failed}
summary: {zh: 站点检查失败, en: The check of the site failed}
terms:
  failed: {source: nodeman, text: site check failed}
detect: {term: failed}
key: [cluster]
tests:
  - {name: fires, lines: [{line: site check failed}]}
  - {name: passes, lines: [{line: site check passed}], expect: {incidents: 0}}
`
	type answer struct {
		Signatures []string
		Fixtures   int
		Problems   []struct {
			Line, Column                 int
			Signature, Message, Severity string
		}
	}
	lint := func(text string) answer {
		var out answer
		if status := resource(t, lokiURL(), on("lint"), "Admin", "POST", "lint?language=zh", text, &out); status != 200 {
			t.Fatalf("%d %+v", status, out)
		}
		return out
	}
	if got := lint(text); len(got.Signatures) != 1 || got.Fixtures != 2 || len(got.Problems) != 0 {
		t.Errorf("%+v", got)
	}
	got := lint(strings.Replace(text, "severity:", "sevirity:", 1))
	if len(got.Signatures) != 0 || len(got.Problems) == 0 || got.Problems[0].Line != 5 || !strings.Contains(got.Problems[0].Message, "未知的键") {
		t.Errorf("%+v", got)
	}
	got = lint(strings.Replace(text, "line: site check failed", "line: site check broke", 1))
	if len(got.Signatures) != 1 || len(got.Problems) == 0 || got.Problems[0].Severity != "warning" {
		t.Errorf("%+v", got)
	}
	if got := lint(""); len(got.Problems) != 0 {
		t.Errorf("%+v", got)
	}
}
