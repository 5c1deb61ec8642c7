// Package files reads log files as a log store: every file is a stream, the times of its lines are those that the
// lines state.
package files

import (
	"context"
	"fmt"
	"io"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/prometheus/common/model"

	"github.com/blueking/incidents/pkg/event"
	"github.com/blueking/incidents/pkg/logs"
	"github.com/blueking/incidents/pkg/scan"
	"github.com/blueking/incidents/pkg/signature"
	"github.com/blueking/incidents/pkg/source"
)

// untimedSpan is the longest time that a file without times spans: less than a quiet time, so that it is one story.
const untimedSpan = 30 * time.Minute

// unrecognised is a text, such as this one, in which no line begins as those of the logs do that are known here.
const unrecognised = "has no line that looks like a log of BlueKing: is it the right file?"

var errEmpty = &unreadError{"is empty"}

// Stdin is the name of standard input.
const Stdin = "-"

// Options of Open.
type Options struct {
	// Source of all files; "" guesses it for each.
	Source signature.Source
	// Cluster is the label of all files, or "".
	Cluster string
	// Location of times without a zone.
	Location *time.Location
	Stdin    io.Reader
	Clock    func() time.Time
	// Note hears of guesses; Progress of bytes read.
	Note     func(format string, args ...any)
	Progress func(file string, read, size int64)
}

// file is one log file.
type file struct {
	path    string
	onHost  bool
	sources []signature.Source
	streams map[signature.Source]*logs.Stream
	size    int64
	lines   int64
	// first and last are the times of its lines; first is also that of lines before the first time.
	first, last time.Time
	timed       bool
	// pace is the time from line to line of a file whose lines have none: then only neighbours are near in time.
	pace time.Duration
	// spool is a copy of what can be read only once.
	spool string
	// bytes is how much there was when the file was first read to its end.
	bytes atomic.Int64
}

// Store is a log store over files.
type Store struct {
	o     Options
	files []*file
	// unread says of each input that was not read, or not as a log, why.
	unread []string
}

// Open looks through the files once, for their sources and the time that they span. Folders and archives stand for their
// files. What cannot be read is in Unread, and does not stop the others. Close removes what Open copied.
func Open(ctx context.Context, paths []string, o Options) (*Store, error) {
	s := &Store{o: o}
	for _, path := range paths {
		if err := s.add(ctx, path); err != nil {
			s.Close()
			return nil, err
		}
	}
	s.align()
	return s, nil
}

// align puts files without times at the end of those that have some: the time at which they were copied says nothing.
func (s *Store) align() {
	var last time.Time
	for _, f := range s.files {
		if f.timed && f.last.After(last) {
			last = f.last
		}
	}
	for _, f := range s.files {
		if f.timed {
			continue
		}
		if !last.IsZero() {
			f.last = last
		}
		f.first = f.last.Add(-f.pace * time.Duration(f.lines))
		s.o.Note("%s: its lines have no time, the last one is taken as of %s", f.path, f.last.In(s.o.Location).Format(time.DateTime))
	}
}

// Unread says of each input that was not read, or not recognised as a log, why: nothing is known about it.
func (s *Store) Unread() []string { return s.unread }

// Files is how many were read.
func (s *Store) Files() int { return len(s.files) }

// Close removes copies.
func (s *Store) Close() {
	for _, f := range s.files {
		f.remove()
	}
}

// Span returns the times of the first and the last line of all files.
func (s *Store) Span() (first, last time.Time) {
	for _, f := range s.files {
		if f.lines == 0 {
			continue
		}
		if first.IsZero() || f.first.Before(first) {
			first = f.first
		}
		if f.last.After(last) {
			last = f.last
		}
	}
	return first, last
}

// Labels that route a file to its selectors.
const (
	labelSource = "source"
	labelOnHost = "on_host"
)

// Sources lists what the files were read as, in display order.
func (s *Store) Sources() []signature.Source {
	var out []signature.Source
	for _, f := range s.files {
		out = append(out, f.sources...)
	}
	return source.Sort(out)
}

// Selectors returns the selectors of every source that a file has.
func (s *Store) Selectors() []scan.Selector {
	var out []scan.Selector
	for _, source := range s.Sources() {
		for _, onHost := range []bool{false, true} {
			for _, f := range s.files {
				if f.streams[source] != nil && f.onHost == onHost {
					out = append(out, scan.Selector{Source: source, OnHost: onHost, Selector: fmt.Sprintf("{%s=%q, %s=\"%t\"}", labelSource, source, labelOnHost, onHost)})
					break
				}
			}
		}
	}
	return out
}

// open looks through one file.
func (s *Store) open(ctx context.Context, f *file) error {
	if err := s.prepare(ctx, f); err != nil {
		return err
	}
	var content tally
	otherwise := f.last
	err := s.eachLine(ctx, f, func(line string) bool {
		f.lines++
		content.add(line, s.o.Source == "" || !f.timed)
		if t, ok := event.Time(line, s.o.Location); ok {
			if !f.timed || t.Before(f.first) {
				f.first = t
			}
			if !f.timed || t.After(f.last) {
				f.last = t
			}
			f.timed = true
		}
		return true
	})
	switch {
	case err != nil:
		return err
	case f.lines == 0:
		return errEmpty
	case !f.timed && content.total == 0:
		s.unread = append(s.unread, f.path+" "+unrecognised)
	}
	if !f.timed {
		f.pace, f.last = min(time.Second, untimedSpan/time.Duration(f.lines)), otherwise
	}
	s.identify(f, &content)
	return nil
}

// prepare finds out how large a file is and when it was written, and copies what can be read only once.
func (s *Store) prepare(ctx context.Context, f *file) error {
	switch {
	case f.spool != "": // of an archive
		return nil
	case f.path == Stdin:
		f.path, f.last = "stdin", s.o.Clock()
		return f.copy(ctx, s.o.Stdin)
	}
	info, err := os.Stat(f.path)
	if err != nil {
		return err
	}
	f.size, f.last = info.Size(), info.ModTime()
	if !info.Mode().IsRegular() {
		f.last = s.o.Clock()
		return f.spoolFrom(ctx, f.path)
	}
	return nil
}

// identify decides what the file is, and says so where it is a guess.
func (s *Store) identify(f *file, content *tally) {
	source, onHost, hint := byName(filepath.Base(f.path))
	shown := content.sources()
	if source == "" && len(shown) == 0 {
		source, onHost, hint = byName(filepath.Dir(f.path))
	}
	// An execution log that somebody put into the folder of its host is about that host.
	f.onHost = onHost || source == "" && content.records == 0 && hostOf(f.path) != "" && !slices.Contains(shown, signature.Gateway)
	switch {
	case s.o.Source != "":
		f.sources = []signature.Source{s.o.Source}
	case source != "":
		f.sources = []signature.Source{source}
		s.o.Note("%s: read as %s, because of %q in its name (--source says otherwise)", f.path, source, hint)
	case len(shown) > 0:
		f.sources = shown
		s.o.Note("%s: read as %s, because of its content (--source says otherwise)", f.path, names(shown))
	default:
		f.sources = untold()
		s.o.Note("%s: neither name nor content tells the source, read as %s (--source says which)", f.path, names(f.sources))
	}
	f.streams = map[signature.Source]*logs.Stream{}
	for _, source := range f.sources {
		labels := model.LabelSet{
			"filename": model.LabelValue(f.path), labelSource: model.LabelValue(source),
			labelOnHost: model.LabelValue(fmt.Sprint(f.onHost)),
		}
		if s.o.Cluster != "" {
			labels["cluster"] = model.LabelValue(s.o.Cluster)
		}
		if host := hostOf(f.path); f.onHost && host != "" {
			labels["host"] = model.LabelValue(host)
		}
		f.streams[source] = &logs.Stream{Key: labels.String(), Labels: labels}
	}
}

// hostOf finds the host in a path: people put the files of each host in a folder named by its address.
func hostOf(path string) string {
	for _, part := range strings.Split(filepath.ToSlash(path), "/") {
		if _, err := netip.ParseAddr(part); err == nil {
			return part
		}
	}
	return ""
}

func names(sources []signature.Source) string {
	out := make([]string, len(sources))
	for i, source := range sources {
		out[i] = string(source)
	}
	return strings.Join(out, " and ")
}
