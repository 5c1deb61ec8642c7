//go:build unix

// Package commandline measures how fast `bkincidents scan` reads healthy lines in the carriers that files have, by the CPU
// time of the process, so that other work on the machine hardly counts:
//
//	go test -run='^$' -bench=. -benchtime=3x ./tests/bench/commandline
package commandline

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// size of each file, in bytes: enough that start and catalogue, some 100 ms, weigh little.
const size = 128 << 20

// carriers write a healthy line of nodeman as files have it.
var carriers = map[string]func(at time.Time, text string) string{
	"execution_log": func(at time.Time, text string) string {
		return "[" + at.Format(time.DateTime) + " INFO] [script] [setup_agent] " + text
	},
	"installer": func(at time.Time, text string) string {
		return at.Format(time.DateTime) + " INFO setup_agent - " + text
	},
	"cri": func(at time.Time, text string) string {
		return at.Format(time.RFC3339Nano) + " stdout F [" + at.Format(time.DateTime) + " INFO] " + text
	},
	"docker": func(at time.Time, text string) string {
		return encoded(map[string]string{"log": "[" + at.Format(time.DateTime) + " INFO] " + text + "\n", "stream": "stdout", "time": at.Format(time.RFC3339Nano)})
	},
	"worker": func(at time.Time, text string) string {
		return encoded(map[string]any{"levelname": "INFO", "asctime": at.Format(time.DateTime) + ",314", "pathname": "/app/apps/backend/views.py", "lineno": 241, "message": "7f3a0c2e9b1d4e6f | " + text})
	},
	"kubectl": func(at time.Time, text string) string {
		return "[pod/bk-nodeman-backend-bworker-5c7d98b-x2x4z/bworker] " + at.Format(time.RFC3339Nano) + " [" + at.Format(time.DateTime) + " INFO] " + text
	},
}

func encoded(v any) string {
	raw, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(raw)
}

func BenchmarkCommandLine(b *testing.B) {
	folder := b.TempDir()
	program := filepath.Join(folder, "bkincidents")
	if out, err := exec.CommandContext(b.Context(), "go", "build", "-o", program, "../../../cmd/bkincidents").CombinedOutput(); err != nil {
		b.Fatalf("%v\n%s", err, out)
	}
	var told, untold []float64
	for _, name := range []string{"execution_log", "installer", "cri", "docker", "worker", "kubectl"} {
		file := filepath.Join(folder, name+".log")
		write(b, file, carriers[name])
		b.Run(name, func(b *testing.B) {
			var with, without []float64
			for b.Loop() {
				with = append(with, speed(b, program, "--source", "nodeman", file))
				without = append(without, speed(b, program, file))
			}
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(median(with), "told-MB/s")
			b.ReportMetric(median(without), "untold-MB/s")
			told, untold = append(told, median(with)), append(untold, median(without))
		})
		if err := os.Remove(file); err != nil {
			b.Fatal(err)
		}
	}
	b.Run("slowest", func(b *testing.B) {
		for b.Loop() {
			continue
		}
		if len(told) > 0 {
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(slices.Min(told), "told-MB/s")
			b.ReportMetric(slices.Min(untold), "untold-MB/s")
		}
	})
}

func write(b *testing.B, name string, carry func(time.Time, string) string) {
	b.Helper()
	f, err := os.Create(name)
	if err != nil {
		b.Fatal(err)
	}
	out := bufio.NewWriter(f)
	at, written := time.Date(2026, 11, 23, 0, 0, 0, 314159265, time.UTC), 0
	for i := 0; written < size; i++ {
		n, err := out.WriteString(carry(at.Add(time.Duration(i)*10*time.Millisecond), fmt.Sprintf("render config file %d of gse agent for host 10.%d.%d.%d is done", i%7, i>>16&255, i>>8&255, i&255)) + "\n")
		if err != nil {
			b.Fatal(err)
		}
		written += n
	}
	if err := errors.Join(out.Flush(), f.Close()); err != nil {
		b.Fatal(err)
	}
}

// speed is in MB a second of CPU time.
func speed(b *testing.B, program string, args ...string) float64 {
	b.Helper()
	cmd := exec.CommandContext(b.Context(), program, append([]string{"scan"}, args...)...)
	if out, err := cmd.CombinedOutput(); err != nil {
		b.Fatalf("scan %v: %v\n%s", args, err, out)
	}
	return size / 1e6 / (cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()).Seconds()
}

func median(values []float64) float64 {
	slices.Sort(values)
	return values[len(values)/2]
}
