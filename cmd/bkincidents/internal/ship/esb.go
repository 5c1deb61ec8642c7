package ship

import (
	"context"
	"fmt"
	"hash/fnv"
	"strconv"
	"time"
)

// passJob is the order of nodeman's jobs: their numbers grow by one.
const passJob = "job"

const (
	// gap is how many numbers in a row may be missing before the newest job is taken for the last.
	gap = 5
	// jobAge is after when a job that never ends is left alone.
	jobAge = 24 * time.Hour
)

// ESB reads the execution log through nodeman's API, for those who may not read its database. It is a Source.
type ESB struct {
	api   *esbAPI
	first uint64
	zone  *time.Location
	now   func() time.Time
	// over are instances of open jobs whose log was read after they had ended, done the jobs behind an open one that
	// are over, and begun is when an open job was first seen.
	over  map[string]bool
	done  map[uint64]bool
	begun map[uint64]time.Time
	// rollbacks reports whether the position lost what was read since.
	rollbacks int
}

var _ Source = (*ESB)(nil)

// NewESB returns a Source that begins with the job first, if the position knows none.
func NewESB(o ESBOptions, first uint64, zone *time.Location, now func() time.Time) *ESB {
	return &ESB{api: &esbAPI{o}, first: first, zone: zone, now: now, over: map[string]bool{}, done: map[uint64]bool{}, begun: map[uint64]time.Time{}}
}

// Close implements Source.
func (*ESB) Close() error { return nil }

// Changed implements Source.
func (e *ESB) Changed(ctx context.Context, position *Position, each func(Row) error) error {
	mark, ok := position.Mark(passJob)
	if !ok {
		mark.ID = e.first
	}
	if e.rollbacks != position.rollbacks {
		clear(e.over)
		clear(e.done)
		e.rollbacks = position.rollbacks
	}
	behind := false // an open job was passed
	for job, missing := mark.ID, 0; missing < gap; job++ {
		exists, open := true, false
		if !e.done[job] {
			var err error
			if exists, open, err = e.job(ctx, job, mark, each); err != nil {
				return err
			}
		}
		if !exists {
			missing++
			continue
		}
		missing = 0
		behind = behind || open
		switch {
		case !behind:
			delete(e.done, job)
			position.Reach(Mark{Pass: passJob, ID: job + 1})
		case !open:
			e.done[job] = true
		}
	}
	return nil
}

// job gives the rows of a job and reports whether it may still change.
func (e *ESB) job(ctx context.Context, job uint64, mark Mark, each func(Row) error) (exists, open bool, err error) {
	instances, exists, err := e.api.instances(ctx, job)
	if err != nil || !exists {
		return false, false, err
	}
	for _, in := range instances {
		key := fmt.Sprintf("%d|%s", job, in.InstanceID)
		if e.over[key] {
			continue
		}
		steps, err := e.api.log(ctx, job, in.InstanceID)
		if err != nil {
			return true, true, err
		}
		for n, step := range steps {
			if err := each(e.row(job, n, in, step, mark)); err != nil {
				return true, true, err
			}
		}
		if over(in.Status) {
			e.over[key] = true
		} else {
			open = true
		}
	}
	if _, ok := e.begun[job]; !ok {
		e.begun[job] = e.now()
	}
	if open && e.now().Sub(e.begun[job]) < jobAge {
		return true, true, nil
	}
	delete(e.begun, job)
	for _, in := range instances {
		delete(e.over, fmt.Sprintf("%d|%s", job, in.InstanceID))
	}
	return true, false, nil
}

func (e *ESB) row(job uint64, n int, in instance, step step, mark Mark) Row {
	id := fnv.New64a()
	fmt.Fprintf(id, "%d|%s|%d", job, in.InstanceID, n)
	created, err := time.ParseInLocation(time.DateTime, step.StartTime[:min(len(step.StartTime), len(time.DateTime))], e.zone)
	if err != nil {
		created = e.now()
	}
	return Row{
		ID: id.Sum64(), Mark: mark, Created: created, Settled: over(step.Status),
		Host: in.host(), CloudID: strconv.Itoa(in.CloudID), TaskID: strconv.FormatUint(job, 10),
		Step: step.Step, Status: step.Status, Log: step.Log,
	}
}
