package loki

import (
	"fmt"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/blueking/incidents/pkg/logs"
)

// Where most probably no stream is, Loki is asked whether there is one, and its lines are read if there is, or if nobody knows.
func TestReadOfWhatIsRareLooksForStreamsFirst(t *testing.T) {
	for name, c := range map[string]struct {
		answer string
		status int
		rare   bool
		length time.Duration
		reads  bool
		fails  bool
	}{
		"no stream":            {`{"status":"success"}`, 200, true, 24 * time.Hour, false, false},
		"none, said in full":   {`{"status":"success","data":[]}`, 200, true, 24 * time.Hour, false, false},
		"a stream":             {`{"status":"success","data":["a"]}`, 200, true, 24 * time.Hour, true, false},
		"nobody may tell":      {"no", 403, true, 24 * time.Hour, true, false},
		"Loki fails":           {"broken", 400, true, 24 * time.Hour, true, false},
		"not all is told":      {`{"status":"success","warnings":["an ingester is away"],"data":[]}`, 200, true, 24 * time.Hour, false, true},
		"a short time is read": {`{"status":"success"}`, 200, true, time.Hour, true, false},
		"nothing rare":         {`{"status":"success"}`, 200, false, 24 * time.Hour, true, false},
	} {
		f := newFake(t, 1)
		f.add(`{app="a"}`, day.UnixNano()+1, "x")
		reads := 0
		f.before = func(w http.ResponseWriter, path string, _ url.Values) bool {
			if path == pathQueryRange {
				reads++
			}
			if path != pathLabel+"/app/values" {
				return false
			}
			if c.status != 200 {
				return refuse(w, c.status, "%s", c.answer)
			}
			w.Header().Set("Content-Type", "application/json")
			fmt.Fprint(w, c.answer)
			return true
		}
		req := request(day, day.Add(c.length))
		req.Rare = c.rare
		g := read(t.Context(), f.client(Options{}), req)
		if (reads > 0) != c.reads || (g.err != nil) != c.fails || c.reads && len(g.lines) != 1 {
			t.Errorf("%s: %d reads, %d lines, %v", name, reads, len(g.lines), g.err)
		}
		if state, _ := g.cover.Worst(); !c.fails && state != logs.Complete {
			t.Errorf("%s: the range is %s", name, state)
		}
	}
}
