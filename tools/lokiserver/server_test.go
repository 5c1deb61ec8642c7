package lokiserver

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

func self(t *testing.T) string {
	t.Helper()
	path, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

func TestStartWaitsUntilReadyAndStopLeavesNothing(t *testing.T) {
	t.Setenv(roleVar, "loki")
	s, err := Start(t.Context(), Options{Binary: self(t)})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := get(t.Context(), s.URL()+"/ready"); err != nil {
		t.Errorf("not ready after Start: %v", err)
	}
	for range 2 {
		if err := s.Stop(); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := get(t.Context(), s.URL()+"/ready"); err == nil {
		t.Error("still answers after Stop")
	}
	if _, err := os.Stat(s.dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("data folder after Stop: %v, want none", err)
	}
}

func TestRestartKeepsAddressAndData(t *testing.T) {
	t.Setenv(roleVar, "loki")
	s, err := Start(t.Context(), Options{Binary: self(t)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Stop() })
	kept := filepath.Join(s.dir, "kept")
	if err := os.WriteFile(kept, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	before := s.proc
	if err := s.Restart(t.Context()); err != nil {
		t.Fatal(err)
	}
	if before == s.proc || before.cmd.ProcessState == nil {
		t.Error("the old process was not ended")
	}
	if _, err := get(t.Context(), s.URL()+"/ready"); err != nil {
		t.Errorf("not ready at the same address: %v", err)
	}
	if _, err := os.Stat(kept); err != nil {
		t.Error(err)
	}
}

func TestStartEndsWithItsContext(t *testing.T) {
	t.Setenv(roleVar, "loki")
	ctx, cancel := context.WithCancel(t.Context())
	s, err := Start(ctx, Options{Binary: self(t)})
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	<-s.proc.exited
	if err := s.Stop(); err != nil {
		t.Error(err)
	}
}

func TestStartShowsWhyLokiEnded(t *testing.T) {
	t.Setenv(roleVar, "broken-loki")
	t.Setenv("TMPDIR", t.TempDir())
	_, err := Start(t.Context(), Options{Binary: self(t)})
	if err == nil || !strings.Contains(err.Error(), "field nonsense not found") {
		t.Errorf("err = %v, want Loki's own words", err)
	}
	if left, _ := filepath.Glob(filepath.Join(os.TempDir(), "bkincidents-loki-*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestStartTriesOtherPorts(t *testing.T) {
	t.Setenv(roleVar, "unlucky-loki")
	counter := filepath.Join(t.TempDir(), "runs")
	t.Setenv(counterVar, counter)
	if _, err := Start(t.Context(), Options{Binary: self(t)}); err == nil {
		t.Error("started on taken ports")
	}
	runs, err := os.ReadFile(counter)
	if err != nil || strings.Count(string(runs), "\n") != portTries {
		t.Errorf("runs = %q (%v), want %d", runs, err, portTries)
	}
}

func TestAClusterStartsAgainOnOtherPorts(t *testing.T) {
	t.Setenv(roleVar, "unlucky-loki")
	t.Setenv("TMPDIR", t.TempDir())
	counter := filepath.Join(t.TempDir(), "runs")
	t.Setenv(counterVar, counter)
	if _, err := StartCluster(t.Context(), Options{Binary: self(t)}); err == nil || !strings.Contains(err.Error(), portTaken) {
		t.Errorf("err = %v, want Loki's own words", err)
	}
	runs, err := os.ReadFile(counter)
	if err != nil {
		t.Fatal(err)
	}
	// The first process that fails ends its cluster, so how many of the others get to write is chance.
	clusters := map[string]bool{}
	for config := range strings.Lines(string(runs)) {
		clusters[filepath.Dir(filepath.Dir(config))] = true
	}
	if len(clusters) != portTries {
		t.Errorf("clusters = %v, want %d", clusters, portTries)
	}
	if left, _ := filepath.Glob(filepath.Join(os.TempDir(), "bkincidents-loki-*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestRenderConfig(t *testing.T) {
	const overrides = `
auth_enabled: true
server: {grpc_server_max_send_msg_size: null}
limits_config: {max_entries_limit_per_query: 7}
`
	config, err := renderConfig("/data", ports{http: 1, grpc: 2}, overrides)
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		Auth   bool           `yaml:"auth_enabled"`
		Server map[string]any `yaml:"server"`
		Limits map[string]any `yaml:"limits_config"`
		Common struct {
			Prefix string `yaml:"path_prefix"`
		} `yaml:"common"`
		Worker map[string]any `yaml:"frontend_worker"`
	}
	if err := yaml.Unmarshal(config, &got); err != nil {
		t.Fatal(err)
	}
	if !got.Auth || got.Limits["max_entries_limit_per_query"] != 7 {
		t.Error("an override is lost")
	}
	if got.Limits["reject_old_samples"] != false || got.Server["http_listen_port"] != 1 {
		t.Error("an override swallowed its neighbours")
	}
	if _, ok := got.Server["grpc_server_max_send_msg_size"]; ok {
		t.Error("null did not remove a key")
	}
	if got.Common.Prefix != "/data" || got.Worker["frontend_address"] != "127.0.0.1:2" {
		t.Errorf("folder or port not filled in: %+v", got)
	}
	if _, err := renderConfig("/data", ports{}, "a: [b"); err == nil {
		t.Error("broken overrides accepted")
	}
}
