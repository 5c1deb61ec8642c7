package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/blueking/incidents/tools/freeport"
	"github.com/blueking/incidents/tools/pluginrun"
)

const (
	// startTimeout is how long Grafana may take until it answers; its first start migrates an empty database.
	startTimeout = 2 * time.Minute
	stopTimeout  = 3 * time.Second
	overviewPath = "/d/blueking-incidents-overview"
)

var errNoGrafana = errors.New("no Grafana found: set GRAFANA_HOME to its folder, or put grafana on the PATH")

// installation is a Grafana on this computer.
type installation struct{ binary, home string }

// findGrafana looks into GRAFANA_HOME, then on the PATH. A packaged binary has its files elsewhere.
func findGrafana(home string, look func(string) (string, error)) (installation, error) {
	if home != "" {
		for _, name := range []string{"bin/grafana", "bin/grafana.exe", "grafana"} {
			if binary := filepath.Join(home, filepath.FromSlash(name)); isFile(binary) {
				return installation{binary, home}, nil
			}
		}
	}
	binary, err := look("grafana")
	if err != nil {
		return installation{}, errNoGrafana
	}
	if target, err := filepath.EvalSymlinks(binary); err == nil {
		binary = target
	}
	for _, dir := range []string{home, filepath.Dir(filepath.Dir(binary)), filepath.Dir(binary), "/usr/share/grafana"} {
		if dir != "" && isFile(filepath.Join(dir, "conf", "defaults.ini")) {
			return installation{binary, dir}, nil
		}
	}
	return installation{}, fmt.Errorf("the files of %s were not found: set GRAFANA_HOME to the folder with conf/defaults.ini", binary)
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}

// showInGrafana runs a Grafana on loopback until the user stops the demo.
func showInGrafana(ctx context.Context, o options, source pluginrun.DataSource, out io.Writer) error {
	found, err := findGrafana(os.Getenv("GRAFANA_HOME"), exec.LookPath)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "bkincidents-grafana-")
	if err != nil {
		return fmt.Errorf("make a folder for Grafana's data: %w", err)
	}
	defer func() { _ = os.RemoveAll(dir) }() // in the system's folder for temporary files
	ports, err := freeport.Choose(ctx, 1)
	if err != nil {
		return err
	}
	root, err := filepath.Abs(o.root)
	if err != nil {
		return err
	}
	if err := layOut(dir, root, ports[0], source); err != nil {
		return fmt.Errorf("set Grafana up: %w", err)
	}
	var log bytes.Buffer
	cmd := exec.CommandContext(ctx, found.binary, "server", "--homepath", found.home, "--config", filepath.Join(dir, "custom.ini"))
	cmd.Stdout, cmd.Stderr = &log, &log
	cmd.Env = append(os.Environ(), "LOKI_URL="+source.URL)
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = stopTimeout
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start Grafana: %w", err)
	}
	exited := make(chan error, 1)
	go func() { exited <- cmd.Wait() }()
	address := fmt.Sprintf("http://127.0.0.1:%d", ports[0])
	if err := awaitGrafana(ctx, address, exited); err != nil {
		if ctx.Err() == nil {
			_ = cmd.Process.Kill() // it may have exited already
		}
		return fmt.Errorf("%w\n%s", err, tail(log.String(), 20))
	}
	p := printer{w: out, lang: o.lang}
	p.say("Grafana 已启动（仅本机可访问，按 Ctrl-C 结束）：", "Grafana runs, on this computer only; Ctrl-C ends it:")
	p.line("  %s%s", address, overviewPath)
	if p.err != nil {
		return p.err
	}
	if err := <-exited; ctx.Err() == nil {
		return fmt.Errorf("end of Grafana: %w\n%s", err, tail(log.String(), 20))
	}
	return nil
}

// awaitGrafana asks for its health until it answers.
func awaitGrafana(ctx context.Context, address string, exited chan error) error {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	for {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, address+"/api/health", http.NoBody)
		if err != nil {
			return err
		}
		if resp, err := http.DefaultClient.Do(req); err == nil {
			_ = resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				return nil
			}
		}
		select {
		case err := <-exited:
			return fmt.Errorf("end of Grafana while it started: %w", err)
		case <-ctx.Done():
			return fmt.Errorf("wait for Grafana: %w", ctx.Err())
		case <-time.After(200 * time.Millisecond):
		}
	}
}

func tail(text string, n int) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}
