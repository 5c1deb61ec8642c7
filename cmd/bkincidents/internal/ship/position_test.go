package ship

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func open(t *testing.T, path string) *Position {
	t.Helper()
	p, err := OpenPosition(path)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestAPositionIsReadAsItWasSaved(t *testing.T) {
	path := filepath.Join(t.TempDir(), "p.json")
	p := open(t, path)
	at := time.Date(2024, 10, 22, 8, 0, 0, 123456000, time.UTC)
	p.Advance(7, "abc", Mark{passUpdated, at, 7}, true)
	p.Advance(1<<60, "x", Mark{passUpdated, at, 1 << 60}, false)
	p.Advance(3, "", Mark{passCreated, at, 3}, true)
	p.newest = at
	if err := p.Save([]byte("batch")); err != nil {
		t.Fatal(err)
	}
	got := open(t, path)
	if m, ok := got.Mark(passUpdated); !ok || m != (Mark{passUpdated, at, 7}) {
		t.Errorf("mark %+v %v, want the row that is complete", m, ok)
	}
	if got.Shipped(7, "abcd") != 3 || got.Shipped(7, "ab") != 0 || got.Shipped(7, "xbcd") != 0 || got.Known(1<<60) != 1 || got.Known(8) != 0 {
		t.Errorf("rows %+v", got.rows)
	}
	if string(got.Pending()) != "batch" || !got.newest.Equal(at) {
		t.Errorf("pending %q, newest %v", got.Pending(), got.newest)
	}
	if err := got.Save(nil); err != nil || open(t, path).Pending() != nil {
		t.Errorf("the batch is still pending (%v)", err)
	}
	if left, err := os.ReadDir(filepath.Dir(path)); err != nil || len(left) != 1 {
		t.Errorf("files left beside the position: %v %v", left, err)
	}
}

func TestRollbackTakesBackWhatWasNotSaved(t *testing.T) {
	p := open(t, "")
	at := time.Date(2024, 10, 22, 8, 0, 0, 0, time.UTC)
	p.Advance(1, "a", Mark{passUpdated, at, 1}, true)
	if err := p.Save(nil); err != nil {
		t.Fatal(err)
	}
	p.Advance(1, "ab", Mark{passUpdated, at.Add(time.Second), 1}, true)
	p.Advance(1, "abc", Mark{passUpdated, at.Add(2 * time.Second), 1}, true)
	p.Advance(2, "x", Mark{passCreated, at, 2}, true)
	p.rollback()
	if m, _ := p.Mark(passUpdated); p.Known(1) != 1 || p.Known(2) != 0 || !m.At.Equal(at) {
		t.Errorf("rows %+v, mark %+v", p.rows, m)
	}
	if _, ok := p.Mark(passCreated); ok {
		t.Error("a mark that was never saved is left")
	}
}

func TestAPassThatEndedMovesOnWithoutAWrite(t *testing.T) {
	path := filepath.Join(t.TempDir(), "p")
	p := open(t, path)
	began := time.Date(2024, 10, 22, 8, 0, 0, 0, time.UTC)
	p.Reach(Mark{passUpdated, began.Add(time.Hour), 9}) // a clock that is ahead
	if err := p.Save(nil); err != nil {
		t.Fatal(err)
	}
	p.Looked(passUpdated, began)
	p.Looked(passCreated, began)
	if m, _ := p.Mark(passUpdated); !m.At.Equal(began) {
		t.Errorf("the mark stays ahead of the clock: %+v", m)
	}
	if m, ok := p.Mark(passCreated); !ok || !m.At.Equal(began) {
		t.Errorf("a pass without rows begins at --since again: %+v", m)
	}
	before, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Save(nil); err != nil {
		t.Fatal(err)
	}
	if after, err := os.Stat(path); err != nil || after.ModTime() != before.ModTime() {
		t.Errorf("written again (%v)", err)
	}
}

func TestWhatAKilledRunLeftIsRemoved(t *testing.T) {
	path := filepath.Join(t.TempDir(), "p.json")
	for _, name := range []string{path + ".tmp123", path + ".bak"} {
		if err := os.WriteFile(name, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	open(t, path)
	if left, err := filepath.Glob(path + "*"); err != nil || len(left) != 2 {
		t.Errorf("left %v (%v), want the position and what is somebody else's", left, err)
	}
}

func TestADamagedPositionIsNamed(t *testing.T) {
	for name, text := range map[string]string{
		"cut":          `{"version":1,"marks":{`,
		"version":      `{"version":9}`,
		"rows":         `{"version":1,"rows":"////"}`,
		"another file": "hello",
	} {
		path := filepath.Join(t.TempDir(), "p.json")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := OpenPosition(path); err == nil || !strings.Contains(err.Error(), "move it away") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := OpenPosition(filepath.Join(t.TempDir(), "missing", "p.json")); err == nil {
		t.Error("no error for a folder that does not exist")
	}
}

func TestRememberedRowsAreBounded(t *testing.T) {
	s := shipped{}
	at := time.Now()
	for i := range uint64(rowsMost + 1000) {
		s[i] = rowState{end: 1, at: at.Add(-time.Duration(i) * time.Millisecond).Unix()}
	}
	s[1<<40] = rowState{at: at.Add(-2 * rowsAge).Unix()}
	s.prune(at)
	if _, old := s[1<<40]; old || len(s) > rowsMost {
		t.Errorf("%d rows are kept", len(s))
	}
	if _, newest := s[0]; !newest {
		t.Error("the newest row was forgotten")
	}
	if size := len(s.encode()); size > 3<<20 {
		t.Errorf("the rows take %d bytes in the file", size)
	}
}
