//go:build integration

package integration

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/grafana/loki/v3/pkg/logproto"

	"github.com/blueking/incidents/pkg/selector"
)

// told is what every way of asking must tell alike of an incident.
type told struct {
	ID, Signature, Subject, Verdict, State, Hosts string
	Count                                         int64
}

func TestEveryWayOfAskingTellsTheSameIncidents(t *testing.T) {
	address, now, streams := sampleLoki(t)
	from := now.Add(-24 * time.Hour)
	want := fromFrame(t, "", settings{"store": "samples", "language": "en"}, from, now)
	if len(want) < 7 {
		t.Fatalf("%d incidents in the built-in samples", len(want))
	}
	for name, got := range map[string][]told{
		"plugin on Loki": fromFrame(t, address, settings{"store": "loki", "language": "en"}, from, now),
		"query":          fromCLI(t, from, "query", "--loki", address, "--since", "1d", "--fail-on", "any", "--to", now.Format(time.RFC3339), "--lang", "en"),
	} {
		compare(t, name, got, want)
	}
	compare(t, "scan", asFarBack(fromFiles(t, streams, now, from), want), want)
}

// asFarBack gives incidents of files, which are read from their beginning, the ID of the one that looked back as far as it
// may and could not see the start: which of the samples are such depends on the hour of the day.
func asFarBack(got, want []told) []told {
	for i := range got {
		fingerprint, _, _ := strings.Cut(got[i].ID, "-")
		open := got[i]
		open.ID = fingerprint + "~"
		if slices.Contains(want, open) && !slices.Contains(want, got[i]) {
			got[i] = open
		}
	}
	return got
}

func compare(t *testing.T, name string, got, want []told) {
	t.Helper()
	for _, w := range want {
		if !slices.Contains(got, w) {
			t.Errorf("%s lacks %+v", name, w)
		}
	}
	for _, g := range got {
		if !slices.Contains(want, g) {
			t.Errorf("%s tells of %+v", name, g)
		}
	}
}

func fromFrame(t *testing.T, address string, s settings, from, to time.Time) []told {
	t.Helper()
	f := frame(t, address, s, from, to, ask{"queryType": "incidents", "limit": 5000})
	text := func(name string) []string { return column[string](t, f, name) }
	ids, signatures, subjects, verdicts, states, hosts := text("id"), text("signature"), text("subject"), text("verdict"), text("state"), text("hosts")
	counts := column[int64](t, f, "count")
	var out []told
	for i := range ids {
		out = append(out, told{ids[i], signatures[i], subjects[i], verdicts[i], states[i], hosts[i], counts[i]})
	}
	return out
}

// fromCLI runs the built command line, which exits with 1 when it finds incidents, and returns what touches the range.
func fromCLI(t *testing.T, from time.Time, args ...string) []told {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "../../bin/bkincidents", append(args, "--format", "json")...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	var exit *exec.ExitError
	if err := cmd.Run(); err != nil && (!errors.As(err, &exit) || exit.ExitCode() != 1) {
		t.Fatalf("bkincidents %s: %v: %s", args[0], err, stderr.String())
	}
	var report struct {
		Incidents []struct {
			ID, Signature, Subject, Verdict, State string
			Count                                  int64
			Hosts                                  []struct{ Name string }
			End                                    time.Time
		}
	}
	if err := json.Unmarshal(stdout.Bytes(), &report); err != nil {
		t.Fatalf("bkincidents %s: %v in %.300s", args[0], err, stdout.String())
	}
	var out []told
	for _, inc := range report.Incidents {
		if !inc.End.IsZero() && inc.End.Before(from) {
			continue
		}
		var hosts []string
		for _, h := range inc.Hosts {
			hosts = append(hosts, h.Name)
		}
		out = append(out, told{inc.ID, inc.Signature, inc.Subject, inc.Verdict, inc.State, strings.Join(hosts, ", "), inc.Count})
	}
	return out
}

// fromFiles writes every stream as a container runtime would and scans the files of each cluster.
func fromFiles(t *testing.T, streams []logproto.Stream, now, from time.Time) []told {
	t.Helper()
	files := map[string][]string{}
	for i, s := range streams {
		labels, err := selector.ParseLabels(s.Labels)
		if err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		for _, e := range s.Entries {
			fmt.Fprintf(&b, "%s stdout F %s\n", e.Timestamp.UTC().Format(time.RFC3339Nano), e.Line)
		}
		cluster := string(labels["cluster"])
		dir := filepath.Join(t.TempDir(), string(labels["host"]))
		if err := os.MkdirAll(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		name := filepath.Base(string(labels["filename"]))
		if labels["filename"] == "" {
			name = fmt.Sprintf("%s-%d.log", labels["pod"], i)
		}
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
		files[cluster] = append(files[cluster], path)
	}
	var out []told
	for cluster, paths := range files {
		args := append([]string{"scan", "--cluster", cluster, "--now", now.Format(time.RFC3339)}, paths...)
		out = append(out, fromCLI(t, from, args...)...)
	}
	return out
}
