package lokibinary

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// roleVar makes the test binary play the go command: these tests need no compiler. counterVar names a file to which it adds
// a line per run.
const (
	roleVar    = "LOKIBINARY_TEST_ROLE"
	counterVar = "LOKIBINARY_TEST_COUNTER"
)

func TestMain(m *testing.M) {
	switch os.Getenv(roleVar) {
	case "":
		os.Exit(m.Run())
	case "go":
		os.Exit(playGo())
	case "broken-go":
		fmt.Fprintln(os.Stderr, "example.com/a\n# example.com/a\na.go:1:1: undefined: NodeState")
		os.Exit(1)
	}
}

// playGo is `go build -v -o FILE …`: it names two packages and writes FILE.
func playGo() int {
	f, err := os.OpenFile(os.Getenv(counterVar), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		panic(err)
	}
	fmt.Fprintln(f, "run")
	_ = f.Close()
	fmt.Fprintln(os.Stderr, "go: downloading example.com/c v1.0.0\nexample.com/a\nexample.com/b")
	out := os.Args[slices.Index(os.Args, "-o")+1]
	if err := os.WriteFile(out, []byte("binary"), 0o755); err != nil {
		return 1
	}
	return 0
}

// fakeGo puts the test binary, playing role, in front of the go command; it returns the file in which runs are counted.
func fakeGo(t *testing.T, role string) (counter string) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	bin := t.TempDir()
	if err := os.Symlink(self, filepath.Join(bin, "go")); err != nil {
		t.Skipf("no symbolic links here: %v", err)
	}
	counter = filepath.Join(t.TempDir(), "runs")
	t.Setenv("PATH", bin)
	t.Setenv(roleVar, role)
	t.Setenv(counterVar, counter)
	return counter
}

func TestPathBuildsOnceForAllWhoAsk(t *testing.T) {
	counter := fakeGo(t, "go")
	cache := t.TempDir()
	var wg sync.WaitGroup
	paths := make([]string, 4)
	for i := range paths {
		wg.Go(func() {
			path, err := pathIn(t.Context(), cache, nil)
			if err != nil {
				t.Error(err)
			}
			paths[i] = path
		})
	}
	wg.Wait()
	for _, path := range paths {
		if path != paths[0] || !isFile(path) {
			t.Errorf("path = %q, want the existing %q", path, paths[0])
		}
	}
	runs, err := os.ReadFile(counter)
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(runs), "run"); n != 1 {
		t.Errorf("built %d times, want once", n)
	}
	if name := filepath.Base(paths[0]); !regexp.MustCompile(`^loki-v3\.\d+\.\d+-[0-9a-f]{12}(\.exe)?$`).MatchString(name) {
		t.Errorf("name = %q, want loki-VERSION-HASH", name)
	}
	left, err := os.ReadDir(cache)
	if err != nil || len(left) != 1 {
		t.Errorf("cache holds %v (%v), want the binary only", left, err)
	}
}

func TestPathReportsProgress(t *testing.T) {
	fakeGo(t, "go")
	var progress bytes.Buffer
	if _, err := pathIn(t.Context(), t.TempDir(), &progress); err != nil {
		t.Fatal(err)
	}
	if got := progress.String(); !strings.Contains(got, "Compiling the Loki: 2 packages so far, ") {
		t.Errorf("progress = %q, want the count of packages", got)
	}
}

func TestPathShowsTheCompilersError(t *testing.T) {
	fakeGo(t, "broken-go")
	_, err := pathIn(t.Context(), t.TempDir(), nil)
	if err == nil || !strings.Contains(err.Error(), "undefined: NodeState") {
		t.Errorf("err = %v, want the compiler's message", err)
	}
}

func TestAcquireWaitsForTheHolder(t *testing.T) {
	lock := filepath.Join(t.TempDir(), "lock")
	release, err := acquire(t.Context(), lock, func() { t.Error("waited for nobody") })
	if err != nil {
		t.Fatal(err)
	}
	waiting := false
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if _, err := acquire(ctx, lock, func() { waiting = true }); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("err = %v, want the context's", err)
	}
	if !waiting {
		t.Error("the wait was not announced")
	}
	release()
	if isFile(lock) {
		t.Error("the lock file outlived its release")
	}
}

func TestAcquireTakesOverAStaleLock(t *testing.T) {
	lock := filepath.Join(t.TempDir(), "lock")
	if err := os.WriteFile(lock, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	old := time.Now().Add(-2 * lockStale)
	if err := os.Chtimes(lock, old, old); err != nil {
		t.Fatal(err)
	}
	release, err := acquire(t.Context(), lock, func() { t.Error("waited for a dead process") })
	if err != nil {
		t.Fatal(err)
	}
	release()
}
