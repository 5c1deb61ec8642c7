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

	"github.com/grafana/loki/v3/pkg/logproto"

	"github.com/blueking/incidents/pkg/logs"
)

// endpoints ask each endpoint that answers in an envelope, and what their data has to look like.
var endpoints = []struct {
	name, path, data string
	ask              func(c *Client, t *testing.T) error
}{
	{"query_range", pathQueryRange, `{"resultType":"streams","result":[]}`, func(c *Client, t *testing.T) error {
		return read(t.Context(), c, logs.Request{Selector: `{a="b"}`, Start: day, End: day.Add(time.Hour)}).err
	}},
	{"count", pathQueryRange, `{"resultType":"matrix","result":[]}`, func(c *Client, t *testing.T) error {
		_, err := c.matrix(t.Context(), pathQueryRange, url.Values{})
		return err
	}},
	{"volume_range", pathVolumeRange, `{"resultType":"vector","result":[]}`, func(c *Client, t *testing.T) error {
		_, err := c.matrix(t.Context(), pathVolumeRange, url.Values{})
		return err
	}},
	{"series", "/loki/api/v1/series", `[]`, func(c *Client, t *testing.T) error {
		_, err := c.Series(t.Context(), `{a="b"}`, nil, day, day.Add(time.Hour))
		return err
	}},
	{"label values", pathLabel + "/a/values", `[]`, func(c *Client, t *testing.T) error {
		_, err := c.LabelValues(t.Context(), "a", "", day, day.Add(time.Hour))
		return err
	}},
}

// Nonsense with status 200 is an error of every endpoint. Taken for an empty answer it is a log without lines, and an
// alert resolves.
func TestNonsenseIsNoAnswer(t *testing.T) {
	for _, e := range endpoints {
		bodies := []string{
			``, `null`, `{}`, `[]`, `"success"`, `0`, `{"status":"error","error":"boom"}`, `{"status":"error","data":` + e.data + `}`,
			`{"status":null,"data":` + e.data + `}`, `{"data":` + e.data + `}`, `{"status":"success","data":null}`, `{"status":"success","data":7}`,
			`{"status":"success","data":` + e.data, `{"status":"success","data":[null]}`, `{"status":"success","data":{}}`,
			`{"status":"success","data":{"resultType":"scalar","result":[1,"1"]}}`,
		}
		if !strings.HasPrefix(e.path, pathLabel) {
			bodies = append(bodies, `{"status":"success"}`) // what Loki sends when it has no labels
		}
		if kind, _, query := strings.Cut(e.data, `,"result":[]`); query {
			bodies = append(bodies, `{"status":"success","data":`+kind+`}}`, `{"status":"success","data":`+kind+`,"result":null}}`,
				`{"status":"success","data":`+kind+`,"result":[null]}}`, `{"status":"success","data":`+kind+`,"result":[7]}}`, `{"status":"success","data":{"result":[]}}`)
		}
		for _, body := range bodies {
			f := newFake(t, 1)
			f.before = func(w http.ResponseWriter, path string, _ url.Values) bool {
				if path != e.path {
					return false
				}
				w.Header().Set("Content-Type", jsonType)
				fmt.Fprint(w, body)
				return true
			}
			if err := e.ask(f.client(Options{}), t); err == nil {
				t.Errorf("%s takes %s for an answer", e.name, body)
			}
			body = `{"status":"success","data":` + e.data + `}`
			if err := e.ask(f.client(Options{}), t); err != nil {
				t.Errorf("%s does not take %s: %v", e.name, body, err)
			}
			f.Close()
		}
	}
}

// A warning says that an answer is not whole. It caps the window of log lines, and is an error where only a whole answer
// is of use; Loki's words are in the text.
func TestWarningsAreHeeded(t *testing.T) {
	const warning, harmless = "maximum number of series (500) reached for a single query; returning partial results",
		"Query was executed using the new experimental query engine and dataobj storage."
	for _, e := range endpoints {
		f := newFake(t, 1)
		said := warning
		f.before = func(w http.ResponseWriter, path string, _ url.Values) bool {
			if path != e.path {
				return false
			}
			w.Header().Set("Content-Type", jsonType)
			fmt.Fprintf(w, `{"status":"success","warnings":[%q],"data":%s}`, said, e.data)
			return true
		}
		err := e.ask(f.client(Options{}), t)
		var typed *Error
		if e.name != "query_range" && (!errors.As(err, &typed) || typed.Kind != logs.KindPartial || !strings.Contains(typed.Message("zh"), warning)) {
			t.Errorf("%s: %v, want an error that quotes the warning", e.name, err)
		}
		said = harmless
		if err := e.ask(f.client(Options{}), t); err != nil {
			t.Errorf("%s: %v, want none: Loki says so of every answer of its new engine", e.name, err)
		}
	}

	lines := []logproto.Stream{{Labels: `{a="b"}`, Entries: []logproto.Entry{{Timestamp: day.Add(time.Minute), Line: "x"}}}}
	for kind, answer := range map[string][]byte{jsonType: jsonAnswer(lines, true, warning), protobufType: protoAnswer(lines, warning)} {
		f := newFake(t, 1)
		f.before = func(w http.ResponseWriter, path string, form url.Values) bool {
			if path == pathQueryRange && form.Get("start") == fmt.Sprint(day.UnixNano()) {
				w.Header().Set("Content-Type", kind)
				_, _ = w.Write(answer)
				return true
			}
			return false
		}
		g := read(t.Context(), f.client(Options{}), logs.Request{Selector: `{a="b"}`, Start: day, End: day.Add(3 * time.Hour)})
		if g.err != nil || len(g.lines) != 1 {
			t.Fatalf("%s: %v %v, want the line that came", kind, g.lines, g.err)
		}
		capped := slices.IndexFunc(g.cover.Windows, func(w logs.Window) bool { return w.State == logs.Capped && strings.Contains(w.Reason, warning) })
		if capped != 0 || !g.cover.Windows[0].Start.Equal(day) || !g.cover.Windows[0].End.Before(day.Add(3*time.Hour)) {
			t.Errorf("%s: %v, want the window of the answer, and only that, to be capped with the text", kind, g.cover.Windows)
		}
	}
}
