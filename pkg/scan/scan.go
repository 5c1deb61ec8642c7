// Package scan is the pipeline: it plans what to ask of a log store, fetches it, matches lines against signatures
// and builds incidents. Everything that answers a user goes through Scanner.Scan.
package scan

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"

	"github.com/blueking/incidents/pkg/incident"
	"github.com/blueking/incidents/pkg/logs"
	"github.com/blueking/incidents/pkg/scan/memory"
	"github.com/blueking/incidents/pkg/signature"
	"github.com/blueking/incidents/pkg/source"
)

// Options of a Scanner.
type Options struct {
	Prepared  *Prepared
	Labels    incident.Settings
	Selectors []Selector
	// LookbackMax caps how far before a range the start of an incident is looked for.
	LookbackMax time.Duration
	// MaxLines and MaxBytes cap what one selector may give in one read; 0 is no cap.
	MaxLines int
	MaxBytes int64
	// Lateness is how late a line may arrive. MemoryBytes bounds what is remembered of closed segments; 0 remembers
	// nothing and reads everything anew.
	Lateness    time.Duration
	MemoryBytes int64
	// Observer receives what scans cost; Tracer makes spans of them. Default: nobody, none.
	Observer Observer
	Tracer   trace.Tracer
	// Clock returns the time; the state of incidents is as of min(range end, clock).
	Clock func() time.Time
}

// Scanner runs the pipeline over one log store. It is safe for concurrent use.
type Scanner struct {
	o Options
	*Prepared
	source   Source
	streams  streams
	memory   *memory.Memory // nil without
	standing standing
	// building has room for one: making incidents of a hundred thousand hits takes more memory than keeping them.
	building chan struct{}
}

// New returns a Scanner.
func New(source Source, o Options) *Scanner {
	if o.Observer == nil {
		o.Observer = unobserved{}
	}
	if o.Tracer == nil {
		o.Tracer = noop.NewTracerProvider().Tracer("")
	}
	o.Labels.MaxQuiet = o.LookbackMax - 2*incident.ClosedFor
	s := &Scanner{o: o, Prepared: o.Prepared, source: source, building: make(chan struct{}, 1), standing: standing{units: map[standingKey]stood{}}}
	if o.MemoryBytes > 0 {
		s.memory = memory.New(o.Lateness, o.MemoryBytes, o.Observer)
	}
	return s
}

// Alone returns a scanner of the same store for one signature and the causes that it names. It remembers nothing.
func (s *Scanner) Alone(sig *signature.Signature) (*Scanner, error) {
	set, err := signature.NewSet(s.set.WithCauses(sig)...)
	if err != nil {
		return nil, fmt.Errorf("signature %s alone: %w", sig.ID, err)
	}
	o := s.o
	o.Prepared, o.MemoryBytes = Prepare(set), 0
	return New(s.source, o), nil
}

// Set returns the signatures that the scanner applies.
func (s *Scanner) Set() *signature.Set { return s.set }

// Request asks for the incidents of a range.
type Request struct {
	Start, End time.Time
	// Matchers narrow every stream selector.
	Matchers []logs.Matcher
	// Identity names on whose behalf the store is asked, where that decides what it shows; what was read for one
	// identity never answers another.
	Identity string
}

// Result of a scan.
type Result struct {
	// Incidents that touch the range, active first, then by severity, newest first.
	Incidents []incident.Incident
	// Lines are all lines of the range that detection looks at, in order of time, with what they are evidence of.
	Lines []incident.Line
	// Coverage per source, and the error of a source that failed.
	Coverage map[signature.Source]*logs.Coverage
	Errors   map[signature.Source]error
	// Units are what can fail alone, and when each shipped lines.
	Units []Unit
	// Lost are units that fell silent, longer ago than is read, while something failed on them.
	Lost []Lost
	// Blind are the sources of which the store failed to tell when they shipped lines. Their quiet time ran by the
	// clock, so an incident of theirs may be told as over while its source only fell silent.
	Blind map[signature.Source]error
	// Now is the time of judgement.
	Now time.Time
	// Executed lists what was asked of the store.
	Executed string
}

// Unit is what ships lines and can fail alone.
type Unit struct {
	incident.Unit
	// Standing: an active incident stands on it.
	Standing bool
	// Late is by how much its newest lines came late, where that is more than they may.
	Late time.Duration
}

// Failed reports whether a source failed, so that asking again may help. What was capped would be capped again.
func (r *Result) Failed() bool { return len(r.Errors) > 0 || len(r.Blind) > 0 }

// Held is how many lines the result keeps in memory.
func (r *Result) Held() int { return len(r.Lines) }

// Scan answers a request. It fails when every source fails; otherwise Result.Errors tells which did.
func (s *Scanner) Scan(ctx context.Context, req Request) (res *Result, err error) {
	ctx, span := s.o.Tracer.Start(ctx, "incidents.scan")
	defer func() {
		if res != nil {
			span.SetAttributes(attribute.Int("incidents", len(res.Incidents)), attribute.Int("failed_sources", len(res.Errors)))
		}
		failed(span, err)
		span.End()
	}()
	now := req.End
	if clock := s.o.Clock(); clock.Before(now) {
		now = clock
	}
	selectors := s.selectors(req)
	if len(selectors) == 0 {
		return nil, logs.ErrNoSelectors
	}
	r := s.newRun(req, now, selectors)
	start := req.Start
	if now.Before(start) {
		start = now
	}
	if err := r.first(ctx, start); err != nil {
		return nil, err
	}
	incidents, err := r.build(ctx)
	if err != nil {
		return nil, err
	}
	for next := r.edges(incidents, start); len(next) > 0; next = r.edges(incidents, start) {
		if err := r.fetch(ctx, next); err != nil {
			return nil, err
		}
		if incidents, err = r.build(ctx); err != nil {
			return nil, err
		}
	}
	s.standing.note(r, incidents)
	if r.failedAll() {
		var all []error
		for _, from := range source.Sort(slices.Collect(maps.Keys(r.errs))) {
			all = append(all, r.errs[from])
		}
		return nil, sameOrJoined(all)
	}
	return r.result(incidents), nil
}

// failedAll reports whether no source could be read.
func (r *run) failedAll() bool {
	return !slices.ContainsFunc(r.selectors, func(sel Selector) bool { return r.errs[sel.Source] == nil })
}

// sameOrJoined says an error once when every source failed for the same reason.
func sameOrJoined(errs []error) error {
	for _, err := range errs {
		if err.Error() != errs[0].Error() {
			return errors.Join(errs...)
		}
	}
	return errs[0]
}
