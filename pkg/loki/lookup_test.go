package loki

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/blueking/incidents/pkg/logs"
)

func TestLabelValuesAndSeries(t *testing.T) {
	f := newFake(t, 1)
	var asked url.Values
	var path string
	f.before = func(w http.ResponseWriter, p string, form url.Values) bool {
		if !strings.Contains(p, "/label") {
			return false
		}
		asked, path = form, p
		fmt.Fprint(w, `{"status":"success","data":["b","a"]}`)
		return true
	}
	c := f.client(Options{})
	values, err := c.LabelValues(t.Context(), "pod", `{app="a"}`, day, day.Add(time.Hour))
	if err != nil || !slices.Equal(values, []string{"a", "b"}) || path != "/loki/api/v1/label/pod/values" || asked.Get("query") != `{app="a"}` ||
		asked.Get("start") != fmt.Sprint(day.UnixNano()) || asked.Get("end") == "" {
		t.Fatal(values, err, path, asked)
	}
	if _, err = c.LabelValues(t.Context(), "pod", "", day, day); err != nil || asked.Has("query") {
		t.Fatal(err, asked)
	}
	for _, bad := range [][2]string{{"../x", ""}, {"", ""}, {"a b", ""}, {"a", `{`}} {
		if _, err = c.LabelValues(t.Context(), bad[0], bad[1], day, day); err == nil {
			t.Error(bad)
		}
	}
	f.add(`{app="a", pod="1"}`, 1, "x")
	f.add(`{app="a", pod="2"}`, 1, "x")
	if n, err := c.Streams(t.Context(), `{app="a"}`, day, day); err != nil || n != 2 {
		t.Fatal(n, err)
	}
	if sets, err := c.Series(t.Context(), `{app="a"}`, []logs.Matcher{{Name: "pod", Op: logs.Equal, Value: "2"}}, day, day); err != nil || len(sets) != 1 || sets[0]["pod"] != "2" {
		t.Fatal(sets, err)
	}
}

func TestReadyAndBuildInfo(t *testing.T) {
	for _, c := range []struct {
		name          string
		ready, labels int
		body          string
		kind          logs.Kind
	}{
		{"ready", 200, 0, "ready", ""},
		{"starting", 503, 0, "Ingester not ready", logs.KindNotReady},
		{"hidden by a gateway", 404, 200, "", ""},
		{"hidden, tenant missing", 404, 401, "no org id", logs.KindTenant},
		{"protected, query works", 403, 200, "", ""},
		{"not Loki", 404, 404, "", logs.KindNotLoki},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := newFake(t, 1)
			f.before = func(w http.ResponseWriter, path string, _ url.Values) bool {
				status := c.ready
				if path != "/ready" {
					status = c.labels
				}
				w.WriteHeader(status)
				if status == 200 && path != "/ready" {
					fmt.Fprint(w, `{"status":"success"}`)
				} else {
					fmt.Fprint(w, c.body)
				}
				return true
			}
			err := f.client(Options{}).Ready(t.Context())
			if e := (*Error)(nil); c.kind == "" && err != nil || c.kind != "" && (!errors.As(err, &e) || e.Kind != c.kind) {
				t.Fatal(err)
			}
		})
	}
	f := newFake(t, 1)
	f.before = func(w http.ResponseWriter, _ string, _ url.Values) bool {
		fmt.Fprint(w, `{"version":"3.7.8","revision":"abc","goVersion":"go1.26"}`)
		return true
	}
	if b, err := f.client(Options{}).BuildInfo(t.Context()); err != nil || b.Version != "3.7.8" {
		t.Fatal(b, err)
	}
}
