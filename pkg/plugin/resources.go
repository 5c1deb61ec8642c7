package plugin

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"path"
	"slices"
	"strconv"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"

	"github.com/blueking/incidents/pkg/frames"
	"github.com/blueking/incidents/pkg/query"
	"github.com/blueking/incidents/pkg/scan"
	"github.com/blueking/incidents/pkg/selector"
	"github.com/blueking/incidents/pkg/signature"
)

const (
	// maxValues bounds a list; a longer one is of no use in a drop-down.
	maxValues = 5000
	// resourceRange is the range that lists are made of when the caller names none.
	resourceRange = 6 * time.Hour
)

// lister makes one list.
type lister func(ctx context.Context, r *http.Request, in backend.TimeRange) (any, error)

// routes are the resource calls; none changes anything.
func (d *Datasource) routes() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /signatures", d.list(d.listSignatures))
	mux.Handle("GET /labels/{name}/values", d.list(d.listLabelValues))
	mux.Handle("GET /hosts", d.list(d.listHosts))
	mux.Handle("GET /clusters", d.list(d.listClusters))
	mux.Handle("GET /incidents", d.list(d.listIncidents))
	mux.Handle("GET /incidents/{id}", d.list(d.handOver))
	mux.Handle("GET /streams", d.reply(d.listStreams))
	mux.Handle("GET /find-logs", d.reply(d.findLogs))
	mux.Handle("POST /lint", d.reply(d.lintSignatures))
	mux.Handle("POST /plan", d.list(d.plan))
	mux.Handle("POST /live", d.reply(d.openChannel))
	return d.known(mux)
}

// known answers in JSON what no route takes, and bounds what a request may send. A path with .. or // is none of ours:
// the mux would redirect the browser to an address of Grafana's own.
func (d *Datasource) known(mux *http.ServeMux) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Body != nil {
			r.Body = http.MaxBytesReader(w, r.Body, signature.MaxFile+1)
		}
		takes := func(method string) bool {
			probe := *r
			probe.Method = method
			_, pattern := mux.Handler(&probe)
			return pattern != "" && path.Clean(r.URL.EscapedPath()) == r.URL.EscapedPath()
		}
		switch {
		case takes(r.Method):
			mux.ServeHTTP(w, r)
		case takes(http.MethodGet), takes(http.MethodPost):
			d.reply(func(context.Context, *http.Request) (any, error) { return nil, errMethod }).ServeHTTP(w, r)
		default:
			d.reply(func(context.Context, *http.Request) (any, error) { return nil, errNoResource }).ServeHTTP(w, r)
		}
	})
}

// list answers with a list of a range, from usable settings.
func (d *Datasource) list(of lister) http.Handler {
	return d.reply(func(ctx context.Context, r *http.Request) (any, error) {
		in, err := d.rangeOf(r)
		if err != nil {
			return nil, err
		}
		if d.config.Broken != nil {
			return nil, d.config.Broken
		}
		return of(ctx, r, in)
	})
}

// reply answers with JSON or plain text, or with an error and the status that fits it.
func (d *Datasource) reply(with func(ctx context.Context, r *http.Request) (any, error)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), d.config.QueryTimeout)
		defer cancel()
		body, err := with(ctx, r)
		status := http.StatusOK
		if err != nil {
			code, _, shown := classify(err)
			status = int(code)
			body = map[string]string{"message": frames.Message(shown, d.asked(r))}
		}
		if text, ok := body.(plainText); ok {
			w.Header().Set("Content-Type", "text/plain; charset=utf-8")
			w.WriteHeader(status)
			_, _ = io.WriteString(w, string(text)) // nobody is left to tell that the caller went away
			return
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		if err := json.NewEncoder(w).Encode(body); err != nil {
			backend.Logger.FromContext(ctx).Debug("Cannot send a resource", "path", r.URL.Path, "error", err)
		}
	})
}

// rangeOf reads `from` and `to` in epoch milliseconds, as Grafana writes them; without them it is the last hours.
func (d *Datasource) rangeOf(r *http.Request) (backend.TimeRange, error) {
	now := d.config.Clock()
	in := backend.TimeRange{From: now.Add(-resourceRange), To: now}
	for name, at := range map[string]*time.Time{"from": &in.From, "to": &in.To} {
		text := r.URL.Query().Get(name)
		if text == "" {
			continue
		}
		ms, err := strconv.ParseInt(text, 10, 64)
		if err != nil || ms < 0 {
			return in, badRequest("%s 必须是毫秒时间戳。", "%s has to be a time in milliseconds.", name)
		}
		*at = time.UnixMilli(ms)
	}
	if !in.From.Before(in.To) {
		return in, badRequest("%s 必须早于 to。", "%s has to be before to.", "from")
	}
	return in, nil
}

func badRequest(zh, en string, args ...any) error {
	return &said{zh: fmt.Sprintf(zh, args...), en: fmt.Sprintf(en, args...), status: backend.StatusBadRequest, source: backend.ErrorSourceDownstream}
}

// listedSignature is an entry of `signatures`.
type listedSignature struct {
	ID       string             `json:"id"`
	Title    string             `json:"title"`
	Severity signature.Severity `json:"severity"`
	Class    signature.Class    `json:"class"`
	Family   string             `json:"family"`
	Sources  []signature.Source `json:"sources"`
	Status   signature.Status   `json:"status"`
}

func (d *Datasource) listSignatures(_ context.Context, r *http.Request, _ backend.TimeRange) (any, error) {
	out, lang := []listedSignature{}, d.asked(r)
	for _, s := range d.catalogue.set.All() {
		out = append(out, listedSignature{s.ID, frames.PlainTitle(s, lang), s.Severity, s.Class, s.Family, s.Sources(), s.Status})
	}
	return out, nil
}

func (d *Datasource) listLabelValues(ctx context.Context, r *http.Request, in backend.TimeRange) (any, error) {
	name := r.PathValue("name")
	if !selector.ValidName(name) {
		return nil, badRequest("标签名 %q 无效。请使用字母、数字和下划线。", "Label name %q is not valid. Use letters, digits and _.", name)
	}
	return d.values(ctx, name, in, func(scan.Selector) bool { return true })
}

func (d *Datasource) listClusters(ctx context.Context, _ *http.Request, in backend.TimeRange) (any, error) {
	return d.values(ctx, d.config.Labels.ClusterLabel, in, func(scan.Selector) bool { return true })
}

// listHosts joins the hosts that labels name with those that incidents name: what failed before its logs were
// collected is known by what nodeman says of it.
func (d *Datasource) listHosts(ctx context.Context, r *http.Request, in backend.TimeRange) (any, error) {
	hosts := map[string]bool{}
	for _, label := range d.config.Labels.HostLabels {
		values, err := d.values(ctx, label, in, func(s scan.Selector) bool { return s.OnHost })
		if err != nil {
			return nil, err
		}
		for _, v := range values {
			hosts[v] = true
		}
	}
	a, err := d.answer(ctx, request{Query: query.Query{QueryType: query.Incidents}, timeRange: in, identity: identity(r.Header)})
	if err != nil {
		return nil, err
	}
	for i := range a.Incidents {
		for _, name := range a.Incidents[i].HostNames() {
			hosts[name] = true
		}
	}
	return bounded(hosts), nil
}

// listedIncident is an entry of `incidents`.
type listedIncident struct {
	ID          string             `json:"id"`
	Fingerprint string             `json:"fingerprint"`
	Title       string             `json:"title"`
	Signature   string             `json:"signature"`
	Severity    signature.Severity `json:"severity"`
	State       string             `json:"state"`
	Since       time.Time          `json:"since"`
}

func (d *Datasource) listIncidents(ctx context.Context, r *http.Request, in backend.TimeRange) (any, error) {
	a, err := d.answer(ctx, request{Query: query.Query{QueryType: query.Incidents}, timeRange: in, identity: identity(r.Header)})
	if err != nil {
		return nil, err
	}
	out := []listedIncident{}
	for i := range a.Incidents[:min(len(a.Incidents), maxValues)] {
		inc := &a.Incidents[i]
		out = append(out, listedIncident{inc.ID, inc.Fingerprint, inc.Title(d.asked(r)), inc.Signature.ID, inc.Signature.Severity, string(inc.State), inc.Start})
	}
	return out, nil
}

// values joins the values of a label over the selectors that pass.
func (d *Datasource) values(ctx context.Context, label string, in backend.TimeRange, pass func(scan.Selector) bool) ([]string, error) {
	found := map[string]bool{}
	for _, s := range d.config.Selectors {
		if !pass(s) {
			continue
		}
		values, err := d.store.LabelValues(ctx, label, s.Selector, in.From, in.To)
		if err != nil {
			return nil, err
		}
		for _, v := range values {
			found[v] = true
		}
	}
	return bounded(found), nil
}

// bounded sorts a set and cuts it at the bound.
func bounded(set map[string]bool) []string {
	out := slices.Sorted(maps.Keys(set))
	if out == nil {
		return []string{}
	}
	return out[:min(len(out), maxValues)]
}
