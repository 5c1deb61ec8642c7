package gobuild

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"
)

const (
	terminalEvery = time.Second     // a terminal's line is overwritten
	logEvery      = 8 * time.Second // a log keeps every line; nobody shall wait ten seconds without a word
	tailLines     = 20
)

// meter counts the packages that `go build -v` names on its standard error and reports them now and then.
// It keeps the last lines, which hold the compiler's errors when a build fails.
type meter struct {
	name     string
	out      io.Writer
	terminal bool
	now      func() time.Time
	began    time.Time

	mu       sync.Mutex // Write runs on exec's copying goroutine, report on the ticker's
	partial  []byte
	last     []string
	packages int
	reported bool // owned by the ticker's goroutine until start's stop has returned
}

func newMeter(name string, out io.Writer, now func() time.Time) *meter {
	return &meter{name: name, out: out, terminal: isTerminal(out), now: now, began: now()}
}

// start reports in the background until the returned function is called, which waits for the end and, if anything was
// compiled, reports once more.
func (m *meter) start() (stop func()) {
	every := logEvery
	if m.terminal {
		every = terminalEvery
	}
	quit, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		ticker := time.NewTicker(every)
		defer ticker.Stop()
		for {
			select {
			case <-ticker.C:
				m.report()
			case <-quit:
				return
			}
		}
	}()
	return func() {
		close(quit)
		<-done
		if m.count() > 0 {
			m.report()
		}
		if m.terminal && m.reported {
			fmt.Fprintln(m.out)
		}
	}
}

func (m *meter) count() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.packages
}

func (m *meter) report() {
	m.reported = true
	line := fmt.Sprintf("Compiling the %s: %d packages so far, %s", m.name, m.count(), m.now().Sub(m.began).Round(time.Second))
	if m.terminal {
		fmt.Fprintf(m.out, "\r%s\x1b[K", line)
		return
	}
	fmt.Fprintln(m.out, line)
}

// Write takes the go command's standard error.
func (m *meter) Write(p []byte) (int, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.partial = append(m.partial, p...)
	for {
		i := bytes.IndexByte(m.partial, '\n')
		if i < 0 {
			return len(p), nil
		}
		line := string(m.partial[:i])
		m.partial = m.partial[i+1:]
		if isPackage(line) {
			m.packages++
		}
		m.last = append(m.last, line)
		if len(m.last) > tailLines {
			m.last = m.last[1:]
		}
	}
}

func (m *meter) tail() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return strings.Join(m.last, "\n")
}

// isPackage tells an import path from `go: downloading …`, `# pkg` and the compiler's messages.
func isPackage(line string) bool {
	return line != "" && !strings.ContainsAny(line, " :#\t")
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
