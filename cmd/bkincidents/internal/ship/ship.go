// Package ship reads nodeman's execution log and pushes it to Loki. The log is a column of nodeman's database: no pod
// prints it, so no collector of pods can see it.
//
// Delivery is at least once, and what is delivered twice is equal in every byte: the position file holds the batch that
// is about to be pushed, so a process that was killed pushes the same bytes again, and Loki keeps equal entries once.
package ship

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"time"
)

// Row is one step of one host's task, as nodeman keeps it. Its log grows while the step runs.
type Row struct {
	// ID names the row permanently; the sub-second part of its entries' times comes from it.
	ID uint64
	// Mark is where the source continues after this row.
	Mark Mark
	// Created is the time of text that carries none.
	Created time.Time
	// Settled tells that the end of the log may be taken for complete: the step is over, or nothing came for a while.
	Settled bool
	// Host and the rest become structured metadata; empty ones are left out.
	Host, SubInstID, TaskID, CloudID, Step, Status string
	Log                                            string
}

// Source yields rows with text that is not shipped yet, in the order of their marks. It asks position for what is shipped.
type Source interface {
	// Changed calls each for every row with new text; an error of each ends it and is returned.
	Changed(ctx context.Context, position *Position, each func(Row) error) error
	// Close releases what the source holds.
	Close() error
}

// Options of a Shipper.
type Options struct {
	Source   Source
	Position *Position
	Pusher   *Pusher
	// Zone is nodeman's time zone: its texts are local to the server.
	Zone *time.Location
	// Cluster becomes a label, if any.
	Cluster string
	// Every is how often the source is asked.
	Every   time.Duration
	Log     *slog.Logger
	Metrics *Metrics
	Now     func() time.Time
}

// Shipper moves rows from a source to Loki.
type Shipper struct {
	Options
	problems *problems
	batch    *batch
	// resumed tells that Loki has the batch that the position file holds.
	resumed bool
	// shipped counts the entries that Loki took, oldest is the time of the first of them.
	shipped int
	oldest  time.Time
}

// New returns a Shipper.
func New(o Options) *Shipper {
	return &Shipper{Options: o, problems: newProblems(o.Log, o.Now), batch: newBatch(o.Cluster)}
}

// Once ships everything that is there. After an error the next call continues where Loki has everything before.
func (s *Shipper) Once(ctx context.Context) error {
	if err := s.resume(ctx); err != nil {
		return err
	}
	return s.round(ctx)
}

// hiddenAfter is how old an entry may be to be found while only an ingester has it (Loki's query_ingesters_within).
const hiddenAfter = 3 * time.Hour

// Report logs what was shipped, and when it can be seen.
func (s *Shipper) Report() {
	if s.shipped == 0 {
		s.Log.Info("nothing new to ship")
		return
	}
	s.Log.Info("shipped what was new", "entries", s.shipped, "oldest", s.oldest.UTC().Format(time.RFC3339))
	if s.Now().Sub(s.oldest) > hiddenAfter {
		s.Log.Info("Loki shows entries that are older than 3 hours when it has written them to its store: in about half an hour, at once after a POST to its /flush")
	}
}

// Run ships until ctx ends. A problem is logged once, and what failed is tried again.
func (s *Shipper) Run(ctx context.Context) {
	ticker := time.NewTicker(s.Every)
	defer ticker.Stop()
	for {
		err := s.Once(ctx)
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			s.Metrics.failures.Inc()
			s.problems.say("round", "nothing could be shipped, trying again", "err", err, "do", hint(err))
		default:
			s.problems.over("round", "shipping again")
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// resume pushes the batch that a former run, or a former round, may not have delivered.
func (s *Shipper) resume(ctx context.Context) error {
	body := s.Position.Pending()
	if s.resumed || body == nil {
		s.resumed = true
		return nil
	}
	s.Log.Info("pushing the last batch again: it may not have arrived, and entries that Loki has already stay one")
	if err := s.Pusher.Push(ctx, body); err != nil {
		return err
	}
	s.resumed = true
	return s.Position.Save(nil)
}

// round asks the source once and ships all that is new.
func (s *Shipper) round(ctx context.Context) error {
	began := s.Now()
	// A batch that an error left unfinished is forgotten with the marks that belong to it: the source gives its rows again.
	s.batch.reset()
	s.Position.rollback()
	err := s.Source.Changed(ctx, s.Position, func(row Row) error { return s.add(ctx, row) })
	if err == nil {
		err = s.flush(ctx)
	}
	if err == nil {
		err = s.Position.Save(nil)
	}
	if err == nil {
		s.Metrics.reached(began)
	}
	return err
}

// add puts the new entries of a row into the batch, which is shipped whenever it is full.
func (s *Shipper) add(ctx context.Context, row Row) error {
	from := s.Position.Shipped(row.ID, row.Log)
	done := from
	s.Metrics.rows.Inc()
	s.checkZone(row)
	step := stepName(row)
	for piece := range split(row.Log, s.Zone, row.Created) {
		if piece.end <= from {
			continue
		}
		if piece.last && !row.Settled {
			break
		}
		entry, masked := newEntry(row, step, piece, from)
		s.Metrics.redactions.Add(float64(masked))
		if entry.Line == "" {
			done = piece.end
			continue
		}
		if s.batch.full(entry) {
			s.Position.Advance(row.ID, row.Log[:done], row.Mark, false)
			if err := s.flush(ctx); err != nil {
				return err
			}
		}
		s.batch.add(entry, s.Now())
		done = piece.end
	}
	if strings.TrimSpace(row.Log[done:]) == "" {
		done = len(row.Log)
	}
	s.Position.Advance(row.ID, row.Log[:done], row.Mark, true)
	if s.batch.old(s.Now()) {
		return s.flush(ctx)
	}
	return nil
}

// flush writes the batch into the position file, pushes it, and begins the next.
func (s *Shipper) flush(ctx context.Context) error {
	if s.batch.empty() {
		return nil
	}
	body, err := s.batch.encode(s.Position, s.Now())
	if err != nil {
		return err
	}
	if err := s.Position.Save(body); err != nil {
		return err
	}
	s.resumed = false
	if err := s.Pusher.Push(ctx, body); err != nil {
		return err
	}
	s.resumed = true
	s.Metrics.lines.Add(float64(s.batch.lines))
	s.shipped += s.batch.lines
	if first := s.batch.entries[0].Timestamp; s.oldest.IsZero() || first.Before(s.oldest) {
		s.oldest = first // encode has sorted them
	}
	s.batch.reset()
	return nil
}

// zoneSlack is how far the last line of a row may be from the row's own time before the time zone is doubted.
const zoneSlack = 25 * time.Minute

// widestZone is how far two zones can be apart; a text further off is of another day, quoted in a fold for example.
const widestZone = 26 * time.Hour

// checkZone compares the text's clock with the database's, which is UTC.
func (s *Shipper) checkZone(row Row) {
	if row.Mark.Pass != passUpdated {
		return
	}
	last, ok := lastTime(row.Log, s.Zone)
	if !ok {
		return
	}
	off := last.Sub(row.Mark.At)
	// Whole quarters of an hour are a zone; anything else is a step that nodeman touched later.
	rest := (off + zoneSlack/50).Abs() % (15 * time.Minute)
	if off.Abs() < zoneSlack || off.Abs() > widestZone || rest > zoneSlack/25 && 15*time.Minute-rest > zoneSlack/25 {
		return
	}
	s.problems.say("zone", "the texts' clock differs from the database's by a time zone", "ahead", off.Round(15*time.Minute).String(), "timezone", s.Zone.String(),
		"do", fmt.Sprintf("set --timezone to nodeman's TIME_ZONE; if the texts are right, %s fits", zoneName(s.Zone, last, off)))
}

// zoneName writes the offset from UTC that would make both clocks agree.
func zoneName(zone *time.Location, at time.Time, ahead time.Duration) string {
	_, seconds := at.In(zone).Zone()
	offset := time.Duration(seconds)*time.Second + ahead.Round(15*time.Minute)
	sign := '+'
	if offset < 0 {
		sign, offset = '-', -offset
	}
	return fmt.Sprintf("%c%02d:%02d", sign, int(offset.Hours()), int(offset.Minutes())%60)
}
