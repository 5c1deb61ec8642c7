//go:build unix

package files

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/blueking/incidents/pkg/logs"
	"github.com/blueking/incidents/pkg/signature"
)

const threeLines = "[2024-10-22 17:01:02 ERROR] a\n[2024-10-22 17:01:03 ERROR] b\n[2024-10-22 17:01:04 ERROR] c\n"

func options() Options {
	return Options{Source: signature.Nodeman, Location: time.UTC, Clock: time.Now, Note: func(string, ...any) {}}
}

// lines reads everything of a store.
func lines(t *testing.T, s *Store) (n int, state logs.State, err error) {
	t.Helper()
	first, last := s.Span()
	seq, cover := s.Read(t.Context(), logs.Request{Selector: s.Selectors()[0].Selector, Start: first, End: last.Add(time.Second)})
	for _, failed := range seq {
		if failed != nil {
			err = failed
			continue
		}
		n++
	}
	state, _ = cover.Worst()
	return n, state, err
}

func fifo(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Skip(err)
	}
	return path
}

// A pipe can be read once only, and all that came is there at every reading.
func TestAPipeIsReadAsAFile(t *testing.T) {
	path := fifo(t)
	wrote := make(chan error, 1)
	go func() { wrote <- os.WriteFile(path, []byte(threeLines), 0o600) }()
	s, err := Open(t.Context(), []string{path}, options())
	if err != nil {
		t.Fatal(err)
	}
	if err := <-wrote; err != nil {
		t.Fatal(err)
	}
	spool := s.files[0].spool
	for range 2 {
		if n, state, err := lines(t, s); n != 3 || state != logs.Complete || err != nil {
			t.Errorf("%d lines of 3, %s, %v", n, state, err)
		}
	}
	s.Close()
	if _, err := os.Stat(spool); !os.IsNotExist(err) {
		t.Errorf("the copy is still there: %v", err)
	}
}

// A FIFO that nobody writes to, and a pipe that stays open, can be given up.
func TestAPipeWithoutEndCanBeGivenUp(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(50*time.Millisecond, cancel)
	if _, err := Open(ctx, []string{fifo(t)}, options()); err == nil {
		t.Error("no error of a FIFO that nobody writes to")
	}
	in, out, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _, _ = out.Close(), in.Close() }()
	o := options()
	o.Stdin = in
	ctx, cancel = context.WithCancel(t.Context())
	time.AfterFunc(50*time.Millisecond, cancel)
	if _, err := Open(ctx, []string{Stdin}, o); err == nil {
		t.Error("no error of a pipe that stays open")
	}
}

// A file that is rotated away between the two readings is not complete.
func TestAFileThatShrinksIsNotComplete(t *testing.T) {
	path := filepath.Join(t.TempDir(), "nodeman.log")
	if err := os.WriteFile(path, []byte(threeLines), 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := Open(t.Context(), []string{path}, options())
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(threeLines+threeLines), 0o600); err != nil {
		t.Fatal(err)
	}
	if n, state, err := lines(t, s); n != 6 || state != logs.Complete || err != nil {
		t.Errorf("a file that grew: %d lines of 6, %s, %v", n, state, err)
	}
	if err := os.Truncate(path, 40); err != nil {
		t.Fatal(err)
	}
	if _, state, err := lines(t, s); state != logs.Failed || err == nil || !strings.Contains(err.Error(), "shorter") {
		t.Errorf("a file that shrank: %s, %v, want an error that says so", state, err)
	}
}
