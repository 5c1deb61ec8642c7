// Package lokiserver runs a real Loki for the integration tests, the benchmarks and the demo.
package lokiserver

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/blueking/incidents/tools/freeport"
	"github.com/blueking/incidents/tools/lokibinary"
)

const (
	// portTries bounds how often Start picks new ports because another process took them between the choice and Loki's bind.
	portTries    = 3
	readyPoll    = 50 * time.Millisecond
	readyTimeout = time.Minute
	portTaken    = "address already in use"
	tailLines    = 20 // of Loki's log in an error
)

// Options choose what Start runs. The zero value is a Loki without tenants and with generous limits.
type Options struct {
	// Binary is the Loki to run; "" means lokibinary.Path, which builds it when needed.
	Binary string
	// Overrides is YAML that is merged over the configuration in loki.yaml, key by key; null removes a key. For example
	//
	//	auth_enabled: true
	//	limits_config: {max_entries_limit_per_query: 100, split_queries_by_interval: 15m}
	//	server: {grpc_server_max_send_msg_size: null}
	Overrides string
	// Progress hears of a build; nil means silence.
	Progress io.Writer
}

func (o Options) binary(ctx context.Context) (string, error) {
	if o.Binary != "" {
		return o.Binary, nil
	}
	return lokibinary.Path(ctx, o.Progress)
}

// Server is a running Loki. Its methods may be called from several goroutines.
type Server struct {
	url, dir, binary string
	args             []string

	mu   sync.Mutex // guards proc
	proc *process
}

// process is one life of a Loki.
type process struct {
	cmd    *exec.Cmd
	cancel context.CancelFunc
	exited chan struct{} // closed by the goroutine in start, once the process is gone
}

func (p *process) kill() {
	p.cancel()
	<-p.exited
}

// Start runs a Loki on free loopback ports with an empty store and returns when it answers /ready, usually within a second.
// It runs until Stop is called or ctx ends; Stop is needed either way, to remove the data. When it does not get ready within a minute, the error carries the end of Loki's log.
func Start(ctx context.Context, opts Options) (*Server, error) {
	binary, err := opts.binary(ctx)
	if err != nil {
		return nil, err
	}
	return onFreePorts(func() (*Server, error) { return run(ctx, binary, opts.Overrides) })
}

// onFreePorts starts again where another process took a port between its choice and Loki's bind.
func onFreePorts[T any](start func() (T, error)) (T, error) {
	for try := 1; ; try++ {
		s, err := start()
		if err == nil || try == portTries || !strings.Contains(err.Error(), portTaken) {
			return s, err
		}
	}
}

// URL is the base address, such as http://127.0.0.1:40123, without a slash at the end.
func (s *Server) URL() string { return s.url }

// Log is what Loki has written so far, warnings and errors only unless Overrides ask for more.
func (s *Server) Log() string {
	log, err := os.ReadFile(logFile(s.dir))
	if err != nil {
		return fmt.Sprintf("no log: %v", err)
	}
	return string(log)
}

// Stop kills Loki, waits for its end and removes its data. A second call does nothing.
func (s *Server) Stop() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.proc.kill()
	if err := os.RemoveAll(s.dir); err != nil {
		return fmt.Errorf("remove Loki's data: %w", err)
	}
	return nil
}

// Kill ends Loki as a crash would, and leaves its data.
func (s *Server) Kill() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.proc.kill()
}

// Restart kills Loki, as a crash would, and starts it again on the same ports. What was pushed is read back from its
// write-ahead log, so nothing is lost. It returns when Loki is ready again; Loki then runs until Stop is called or ctx ends.
func (s *Server) Restart(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.proc.kill()
	if err := s.start(ctx); err != nil {
		return err
	}
	if err := s.waitReady(ctx, s.proc); err != nil {
		return fmt.Errorf("restart Loki: %w\n%s", err, lastLines(s.Log(), tailLines))
	}
	return nil
}

func run(ctx context.Context, binary, overrides string) (*Server, error) {
	p, err := freePorts(ctx)
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "bkincidents-loki-")
	if err != nil {
		return nil, fmt.Errorf("make a folder for Loki's data: %w", err)
	}
	s, err := launch(ctx, binary, dir, p, overrides, "all")
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	if err := s.waitReady(ctx, s.proc); err != nil {
		err = fmt.Errorf("start Loki: %w\n%s", err, lastLines(s.Log(), tailLines))
		return nil, errors.Join(err, s.Stop())
	}
	return s, nil
}

// launch writes the configuration and starts the process, with further arguments.
func launch(ctx context.Context, binary, dir string, p ports, overrides, target string, args ...string) (*Server, error) {
	config, err := writeConfig(dir, p, overrides)
	if err != nil {
		return nil, err
	}
	args = append([]string{"-config.file=" + config, "-target=" + target}, args...)
	s := &Server{url: fmt.Sprintf("http://127.0.0.1:%d", p.http), dir: dir, binary: binary, args: args}
	if err := s.start(ctx); err != nil {
		return nil, err
	}
	return s, nil
}

// start starts a process. Its log goes to a file: nobody has to drain a pipe, and it can be read after a crash.
func (s *Server) start(ctx context.Context) error {
	log, err := os.OpenFile(logFile(s.dir), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return fmt.Errorf("make Loki's log: %w", err)
	}
	ctx, cancel := context.WithCancel(ctx)
	cmd := exec.CommandContext(ctx, s.binary, s.args...)
	cmd.Dir = s.dir
	cmd.Stdout, cmd.Stderr = log, log
	err = cmd.Start()
	_ = log.Close() // the child has its own descriptor
	if err != nil {
		cancel()
		return fmt.Errorf("start Loki: %w", err)
	}
	p := &process{cmd: cmd, cancel: cancel, exited: make(chan struct{})}
	s.proc = p
	go func() {
		defer close(p.exited)
		_ = cmd.Wait() // how it ended is in cmd.ProcessState
	}()
	return nil
}

// waitReady asks /ready until it answers 200, the process ends, or a minute has passed.
func (s *Server) waitReady(ctx context.Context, p *process) error {
	ctx, cancel := context.WithTimeout(ctx, readyTimeout)
	defer cancel()
	ticker := time.NewTicker(readyPoll)
	defer ticker.Stop()
	last := errors.New("no answer yet")
	for {
		select {
		case <-p.exited:
			return fmt.Errorf("the process ended: %s", p.cmd.ProcessState)
		case <-ctx.Done():
			return fmt.Errorf("not ready: %w (%w)", ctx.Err(), last)
		case <-ticker.C:
			if _, last = get(ctx, s.url+"/ready"); last == nil {
				return nil
			}
		}
	}
}

// freePorts chooses the ports of one Loki.
func freePorts(ctx context.Context) (ports, error) {
	p, err := freeport.Choose(ctx, 3)
	if err != nil {
		return ports{}, fmt.Errorf("ports for Loki: %w", err)
	}
	return ports{http: p[0], grpc: p[1], gossip: p[2]}, nil
}

func logFile(dir string) string { return filepath.Join(dir, "loki.log") }

func lastLines(text string, n int) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}
