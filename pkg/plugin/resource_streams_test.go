package plugin

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/prometheus/common/model"

	"github.com/blueking/incidents/pkg/logs"
	"github.com/blueking/incidents/pkg/loki"
)

// callAs calls a resource as a user with a role.
func callAs(t *testing.T, d *Datasource, role, method, path, body string) *backend.CallResourceResponse {
	t.Helper()
	var got *backend.CallResourceResponse
	req := &backend.CallResourceRequest{Method: method, URL: path, Body: []byte(body)}
	req.Path, _, _ = strings.Cut(path, "?")
	if role != "" {
		req.PluginContext.User = &backend.User{Login: "someone", Role: role}
	}
	err := d.CallResource(t.Context(), req, backend.CallResourceResponseSenderFunc(func(r *backend.CallResourceResponse) error { got = r; return nil }))
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// admin calls a resource as an administrator and reads the answer.
func admin[T any](t *testing.T, d *Datasource, method, path, body string) T {
	t.Helper()
	res := callAs(t, d, "Admin", method, path, body)
	var out T
	if err := json.Unmarshal(res.Body, &out); err != nil || res.Status != 200 {
		t.Fatalf("%s: %d %s %v", path, res.Status, res.Body, err)
	}
	return out
}

func streamsOf(selector string) string { return "streams?selector=" + url.QueryEscape(selector) }

func TestStreamsCountsWhatASelectorFinds(t *testing.T) {
	got := admin[seenStreams](t, open(t, newFake()), "GET", streamsOf(`{app="nodeman"}`), "")
	if got.Streams != 3 || got.Hours != 1 || got.Problem != nil {
		t.Errorf("%+v", got)
	}
	if want := []seenLabel{{"app", 3, "nodeman"}, {"pod", 3, "0"}}; fmt.Sprint(got.Labels) != fmt.Sprint(want) {
		t.Errorf("%v, want %v", got.Labels, want)
	}
}

func TestStreamsLooksADayBackWhereTheHourIsSilent(t *testing.T) {
	f := newFake()
	f.onSeries = func(_ context.Context, ago time.Duration) ([]model.LabelSet, error) {
		if ago > time.Hour {
			return []model.LabelSet{{"host": "a"}, {"host": "b", "cluster": "c"}}, nil
		}
		return nil, nil
	}
	got := admin[seenStreams](t, open(t, f), "GET", streamsOf(`{app="agent"}`), "")
	if got.Streams != 2 || got.Hours != 24 || fmt.Sprint(got.Labels) != "[{host 2 a} {cluster 1 c}]" {
		t.Errorf("%+v", got)
	}
}

func TestStreamsSaysWhereASelectorIsWrong(t *testing.T) {
	d := open(t, newFake())
	for selector, want := range map[string]selectorProblem{
		`namespace="blueking"`:     {`a selector starts with "{"`, 1},
		`{pod=~"日志.*", ns}`:        {"missing (at position 17)", 17},
		`{app=~".*"}`:              {"would select every stream", 1},
		`{app="x"} |= "y"`:         {"there is text after", 11},
		"":                         {`a selector starts with "{"`, 1},
		strings.Repeat("x", 1<<16): {"shorten it", 1},
	} {
		got := admin[seenStreams](t, d, "GET", streamsOf(selector), "")
		if got.Streams != -1 || got.Problem == nil || !strings.Contains(got.Problem.Message, want.Message) || got.Problem.Position != want.Position {
			t.Errorf("%.40s: %+v %+v", selector, got, got.Problem)
		}
	}
	zh := admin[seenStreams](t, d, "GET", streamsOf("{")+"&language=zh", "")
	if zh.Problem == nil || !strings.Contains(zh.Problem.Message, "缺少标签名") {
		t.Errorf("%+v", zh.Problem)
	}
}

func TestStreamsOfADataSourceThatIsNotSetUp(t *testing.T) {
	d := open(t, nil, func(c *config) { c.Broken = badRequest("没有地址。", "There is no address.") })
	if got := admin[seenStreams](t, d, "GET", streamsOf(`{app="agent"}`), ""); got.Streams != -1 || got.Problem != nil {
		t.Errorf("%+v", got)
	}
}

func TestStreamsTellsWhyLokiCannotBeAsked(t *testing.T) {
	f := newFake()
	f.onSeries = func(context.Context, time.Duration) ([]model.LabelSet, error) {
		return nil, &loki.Error{Kind: logs.KindTenant, Status: 401, Detail: "no org id", Downstream: true}
	}
	res := callAs(t, open(t, f), "Admin", "GET", streamsOf(`{app="agent"}`), "")
	if res.Status != 403 || !strings.Contains(string(res.Body), "no org id") {
		t.Errorf("%d %s", res.Status, res.Body)
	}
}

func TestStreamsIsBounded(t *testing.T) {
	f := newFake()
	f.onSeries = func(context.Context, time.Duration) ([]model.LabelSet, error) {
		set := model.LabelSet{}
		for i := range 1000 {
			set[model.LabelName(fmt.Sprintf("l%d", i))] = model.LabelValue(strings.Repeat("日", 10_000))
		}
		return []model.LabelSet{set}, nil
	}
	got := admin[seenStreams](t, open(t, f), "GET", streamsOf(`{app="agent"}`), "")
	if len(got.Labels) != maxLabels || len([]rune(got.Labels[0].Example)) != maxLabelValue+1 {
		t.Errorf("%d labels, example of %d runes", len(got.Labels), len([]rune(got.Labels[0].Example)))
	}
}

// Both look at more than the settings name, or cost work.
func TestOnlyAdministratorsLookAtStreamsAndLint(t *testing.T) {
	f := newFake()
	d := open(t, f)
	f.onSeries = func(context.Context, time.Duration) ([]model.LabelSet, error) {
		t.Error("Loki was asked")
		return nil, nil
	}
	for _, role := range []string{"", "Viewer", "Editor", "admin"} {
		if res := callAs(t, d, role, "GET", streamsOf(`{app="agent"}`), ""); res.Status != 403 {
			t.Errorf("%q: %d %s", role, res.Status, res.Body)
		}
		if res := callAs(t, d, role, "POST", "lint?language=zh", customSignature); res.Status != 403 || !strings.Contains(string(res.Body), "管理员") {
			t.Errorf("%q: %d %s", role, res.Status, res.Body)
		}
	}
	for _, wrong := range [][2]string{{"POST", "streams"}, {"GET", "lint"}, {"PUT", "lint"}, {"DELETE", "streams"}} {
		if res := callAs(t, d, "Admin", wrong[0], wrong[1], ""); res.Status != 405 {
			t.Errorf("%v: %d", wrong, res.Status)
		}
	}
}
