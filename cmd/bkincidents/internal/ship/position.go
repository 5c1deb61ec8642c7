package ship

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// Mark is a place in the order in which a source is read.
type Mark struct {
	// Pass names the order.
	Pass string    `json:"-"`
	At   time.Time `json:"at,omitzero"`
	ID   uint64    `json:"id"`
}

// before reports whether m stands before other in the order of one pass.
func (m Mark) before(other Mark) bool {
	return m.At.Before(other.At) || m.At.Equal(other.At) && m.ID < other.ID
}

// Position is what has been shipped. Changes become permanent by Save; until then rollback takes them back.
type Position struct {
	path    string
	marks   map[string]Mark
	rows    shipped
	newest  time.Time
	pending []byte
	// Taken back by rollback.
	undoMarks map[string]*Mark
	undoRows  map[uint64]*rowState
	changed   bool
	// rollbacks counts how often something was taken back.
	rollbacks int
}

// file is the position as it lies on disk.
type file struct {
	Version int             `json:"version"`
	Marks   map[string]Mark `json:"marks"`
	Newest  time.Time       `json:"newest,omitzero"`
	Rows    []byte          `json:"rows"`
	// Pending is the encoded push request that Loki may not have.
	Pending []byte `json:"pending,omitempty"`
}

const fileVersion = 1

// OpenPosition reads a position file; one that does not exist is a beginning. An empty path keeps the position in memory.
func OpenPosition(path string) (*Position, error) {
	p := &Position{path: path, marks: map[string]Mark{}, rows: shipped{}}
	p.forgetUndo()
	if path == "" {
		return p, nil
	}
	// What a run left that was killed while it wrote.
	left, err := filepath.Glob(path + temporary)
	for _, name := range left {
		err = errors.Join(err, os.Remove(name))
	}
	if err != nil {
		return nil, fmt.Errorf("clean up beside the position: %w", err)
	}
	raw, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		err := p.Save(nil) // a folder that cannot be written is better known now than after the first push
		return p, err
	}
	if err != nil {
		return nil, fmt.Errorf("read the position: %w", err)
	}
	var f file
	if err = json.Unmarshal(raw, &f); err == nil && f.Version != fileVersion {
		err = fmt.Errorf("version %d, want %d", f.Version, fileVersion)
	}
	if err == nil {
		p.rows, err = decodeRows(f.Rows)
	}
	if err != nil {
		return nil, fmt.Errorf("%s is no position of `ship` (%w): move it away and start again with --since; what Loki has already stays one entry", path, err)
	}
	for pass, mark := range f.Marks {
		p.marks[pass] = mark
	}
	p.newest, p.pending = f.Newest, f.Pending
	return p, nil
}

// Mark returns how far a pass was read, and whether it ever was.
func (p *Position) Mark(pass string) (Mark, bool) {
	m, ok := p.marks[pass]
	m.Pass = pass
	return m, ok
}

// Pending is the batch that may not have arrived, nil when there is none.
func (p *Position) Pending() []byte { return p.pending }

// Known is how many bytes of a row's log are shipped.
func (p *Position) Known(id uint64) int { return int(p.rows[id].end) }

// Shipped is Known, or 0 when the log does not begin with what was shipped of it.
func (p *Position) Shipped(id uint64, log string) int {
	st, ok := p.rows[id]
	if !ok || int(st.end) > len(log) || sum(log[:st.end]) != st.sum {
		return 0
	}
	return int(st.end)
}

// Advance notes that the beginning of a row's log is shipped. A complete row is passed by; the mark never goes back.
func (p *Position) Advance(id uint64, done string, mark Mark, complete bool) {
	next := rowState{end: uint32(len(done)), sum: sum(done), at: mark.At.Unix()}
	if old, ok := p.rows[id]; !ok || old != next {
		if _, noted := p.undoRows[id]; !noted {
			p.undoRows[id] = nil
			if ok {
				p.undoRows[id] = &old
			}
		}
		p.rows[id] = next
		p.changed = true
	}
	if complete {
		p.Reach(mark)
	}
}

// Reach moves a mark forward.
func (p *Position) Reach(mark Mark) {
	old, ok := p.marks[mark.Pass]
	if ok && !old.before(mark) {
		return
	}
	if _, noted := p.undoMarks[mark.Pass]; !noted {
		p.undoMarks[mark.Pass] = nil
		if ok {
			p.undoMarks[mark.Pass] = &old
		}
	}
	p.marks[mark.Pass] = mark
	p.changed = true
}

// Looked moves the mark of a pass that has ended to when it began, so that the next does not begin further back than it
// must. That alone is not worth a write: after a restart the pass begins earlier, which costs time only.
func (p *Position) Looked(pass string, at time.Time) {
	changed := p.changed
	p.Reach(Mark{Pass: pass, At: at})
	p.changed = changed
	p.hold(pass, at)
}

// hold keeps a mark from running ahead of a time: rows of a clock that is ahead must not hide those of the others.
func (p *Position) hold(pass string, limit time.Time) {
	if m, ok := p.marks[pass]; ok && m.At.After(limit) {
		p.marks[pass] = Mark{Pass: pass, At: limit}
	}
}

func (p *Position) rollback() {
	if len(p.undoRows)+len(p.undoMarks) > 0 {
		p.rollbacks++
	}
	for id, old := range p.undoRows {
		if old == nil {
			delete(p.rows, id)
		} else {
			p.rows[id] = *old
		}
	}
	for pass, old := range p.undoMarks {
		if old == nil {
			delete(p.marks, pass)
		} else {
			p.marks[pass] = *old
		}
	}
	p.forgetUndo()
}

func (p *Position) forgetUndo() {
	p.undoRows, p.undoMarks = map[uint64]*rowState{}, map[string]*Mark{}
}

// Save writes the position together with the batch that is about to be pushed, nil when Loki has everything. The file
// is replaced in one step, so whoever reads it finds the old position or the new one.
func (p *Position) Save(pending []byte) error {
	if pending == nil && p.pending == nil && !p.changed {
		p.forgetUndo()
		if p.path == "" || fileExists(p.path) {
			return nil
		}
	}
	p.rows.prune(p.latest())
	if p.path != "" {
		raw, err := json.Marshal(file{Version: fileVersion, Marks: p.marks, Newest: p.newest, Rows: p.rows.encode(), Pending: pending})
		if err != nil {
			return fmt.Errorf("write the position: %w", err)
		}
		if err := replace(p.path, raw); err != nil {
			return fmt.Errorf("write the position: %w", err)
		}
	}
	p.pending, p.changed = pending, false
	p.forgetUndo()
	return nil
}

func (p *Position) latest() time.Time {
	var out time.Time
	for _, m := range p.marks {
		if m.At.After(out) {
			out = m.At
		}
	}
	return out
}

func fileExists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// temporary ends the names of files that are not complete yet.
const temporary = ".tmp*"

// replace writes a file beside the old one and renames it: after a crash either is complete.
func replace(path string, raw []byte) error {
	tmp, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+temporary)
	if err != nil {
		return err
	}
	_, err = tmp.Write(raw)
	if err == nil {
		err = tmp.Sync()
	}
	err = errors.Join(err, tmp.Close())
	if err == nil {
		err = os.Rename(tmp.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(tmp.Name()))
	}
	return syncFolder(filepath.Dir(path))
}

// syncFolder makes the rename survive a power cut. Not every file system lets folders be synchronised.
func syncFolder(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	_ = d.Sync()
	return d.Close()
}
