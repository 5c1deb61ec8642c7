//go:build integration

package ship

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/blueking/incidents/tools/lokiserver"
	"github.com/blueking/incidents/tools/nodeman"
)

const (
	// kills are few by default, the full number with LOAD=full.
	kills, killsFull = 12, 200
	// restful is how long a step must be over before its row is deleted.
	restful = 5 * time.Second
	secrets = "sudo bash /tmp/setup_agent.sh -T /tmp/ -c S3CRETinstall0token -s n1 --password 'S3CRETpassword'"
)

// writer is nodeman while it works: steps begin, write, and end, in waves over many hosts; rows of steps that are over
// are deleted while ship works. nodeman does that after days. Here it is after seconds, so a row is deleted only when its
// last line is in Loki: what was deleted before anybody could read it is no loss of ship's, and with runs of less than half
// a second there is no time within which a row must have been read.
type writer struct {
	rng     *rand.Rand
	address string
	want    map[string]int // record and line → how often
	running []*running
	ended   []*running
	asked   time.Time
	records int64
	deleted int
}

type running struct {
	step   nodeman.Step
	record int64
	lines  int
	ended  time.Time
	last   string // what was written last
}

// expect notes a line as it must be in Loki.
func (w *writer) expect(record int64, at time.Time, level, text string) {
	w.want[fmt.Sprintf("%d %s", record, nodeman.Line(at, level, text))]++
}

// tick does some of the work.
func (w *writer) tick(ctx context.Context) error {
	now := time.Now()
	if len(w.running) < 60 {
		w.records++
		r := nodeman.Record{ID: w.records, Task: w.records / 10, IP: fmt.Sprintf("10.0.%d.%d", w.records/250, w.records%250), HostID: int(w.records)}
		if err := db.AddRecord(ctx, &r, now); err != nil {
			return err
		}
		step, err := db.Begin(ctx, r.ID, fmt.Sprintf("node%d", r.ID), "安装", now)
		if err != nil {
			return err
		}
		w.expect(r.ID, now, "INFO", "开始 安装.")
		w.running = append(w.running, &running{step: step, record: r.ID})
	}
	for range 8 {
		i := w.rng.IntN(len(w.running))
		r := w.running[i]
		text := fmt.Sprintf("[script] [step %d] agent(PID:%d) waits", r.lines, r.record)
		level := "INFO"
		switch w.rng.IntN(10) {
		case 0:
			text = fmt.Sprintf("%d %s", r.lines, nodeman.Fold("[2020-01-01 00:00:00 ERROR] inside\nTraceback (most recent call last):"))
			level = "DEBUG"
		case 1:
			text = fmt.Sprintf("%d 执行命令: %s", r.lines, secrets)
		}
		r.lines++
		kept := strings.NewReplacer("S3CRETinstall0token", "***", "S3CRETpassword", "***").Replace(text)
		if r.lines < 25 {
			w.expect(r.record, now, level, kept)
			if err := r.step.Log(ctx, now, level, text); err != nil {
				return err
			}
			continue
		}
		w.expect(r.record, now, "ERROR", kept)
		r.last = nodeman.Line(now, "ERROR", kept)
		if err := r.step.End(ctx, now, []string{"FAILED", "SUCCESS"}[w.rng.IntN(2)], "ERROR", text); err != nil {
			return err
		}
		r.ended = now
		w.ended = append(w.ended, r)
		w.running = append(w.running[:i], w.running[i+1:]...)
	}
	if now.Sub(w.asked) > time.Second {
		w.asked = now
		return w.deleteShipped(ctx, now)
	}
	return nil
}

// deleteShipped deletes the rows that ended a while ago and of which Loki has the end.
func (w *writer) deleteShipped(ctx context.Context, now time.Time) error {
	var rested []string
	for _, r := range w.ended {
		if now.Sub(r.ended) > restful && len(rested) < 200 {
			rested = append(rested, fmt.Sprint(r.record))
		}
	}
	if len(rested) == 0 {
		return nil
	}
	query := fmt.Sprintf(`{job="nodeman-execution-log", cluster="kills"} |= " ERROR] " | sub_inst_id=~%q`, strings.Join(rested, "|"))
	entries, err := ask(ctx, w.address, query, w.ended[0].ended.Add(-2*time.Second), now.Add(time.Second))
	if err != nil {
		return err
	}
	arrived := map[string]bool{}
	for _, e := range entries {
		arrived[e.meta["sub_inst_id"]+" "+e.line] = true
	}
	var left []*running
	for _, r := range w.ended {
		if !arrived[fmt.Sprintf("%d %s", r.record, r.last)] {
			left = append(left, r)
			continue
		}
		if _, err := db.ExecContext(ctx, "DELETE FROM node_man_subscriptioninstancestatusdetail WHERE id = ?", r.step.ID); err != nil {
			return err
		}
		w.deleted++
	}
	w.ended = left
	return nil
}

// runAndKill starts a run, kills it a while after it has begun to work, and returns what it said.
func runAndKill(t *testing.T, dir, address string, after time.Duration) string {
	t.Helper()
	cmd := command(t.Context(), dir, address, "kills")
	stderr, err := cmd.StderrPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	reader := bufio.NewReader(stderr)
	first, _ := reader.ReadString('\n') // it says that it ships before it begins
	time.Sleep(after)
	_ = cmd.Process.Kill() // it may have ended, which it says
	rest, _ := io.ReadAll(reader)
	_ = cmd.Wait()
	return first + string(rest)
}

func TestKilledAtAnyTimeNothingIsLostOrDoubled(t *testing.T) {
	times := kills
	if os.Getenv("LOAD") == "full" {
		times = killsFull
	}
	empty(t)
	loki := startLoki(t)
	began := time.Now()
	dir := t.TempDir()
	w := &writer{rng: rand.New(rand.NewPCG(7, 7)), address: loki.URL(), want: map[string]int{}}
	ctx, stop := context.WithCancel(t.Context())
	failed := make(chan error, 1) // the writer's only word
	go func() {
		var err error
		for err == nil && ctx.Err() == nil {
			err = w.tick(context.WithoutCancel(ctx))
			time.Sleep(5 * time.Millisecond)
		}
		failed <- err
	}()
	rng := rand.New(rand.NewPCG(1, 2))
	pushed := 0
	for n := range times {
		said := runAndKill(t, dir, loki.URL(), time.Duration(rng.IntN(400))*time.Millisecond)
		if strings.Contains(said, "pushing the last batch again") {
			pushed++
		}
		if strings.Contains(said, "level=ERROR") || strings.Contains(said, "level=WARN") || strings.Contains(said, "bkincidents:") {
			t.Fatalf("run %d says:\n%s", n, said)
		}
		raw, err := os.ReadFile(filepath.Join(dir, "position.json"))
		if err == nil && !json.Valid(raw) {
			t.Fatalf("after kill %d the position is broken: %.200q", n, raw)
		}
		if n%60 == 5 { // what is repeated must stay one entry beyond Loki's memory, too
			if err := lokiserver.Flush(t.Context(), loki.URL()); err != nil {
				t.Fatal(err)
			}
		}
	}
	stop()
	if err := <-failed; err != nil {
		t.Fatal(err)
	}
	time.Sleep(2500 * time.Millisecond) // the last lines of steps that run count as complete after two seconds
	shipOnce(t, dir, loki.URL(), "kills")
	got := map[string]int{}
	for _, e := range stored(t, loki.URL(), "kills", began.Add(-2*time.Second), time.Now().Add(2*time.Second), 2*time.Second) {
		got[e.meta["sub_inst_id"]+" "+e.line]++
		if strings.Contains(e.line, "S3CRET") {
			t.Fatalf("a secret is in Loki: %s", e.line)
		}
		if e.meta["host"] == "" || e.meta["task_id"] == "" || e.meta["step"] != "安装" || e.meta["status"] == "" {
			t.Fatalf("metadata %v of %s", e.meta, e.line)
		}
	}
	lost, doubled := 0, 0
	for key, n := range w.want {
		if got[key] < n {
			if lost++; lost < 5 {
				t.Errorf("lost: %q", key)
			}
		}
	}
	for key, n := range got {
		if n > w.want[key] {
			if doubled++; doubled < 5 {
				t.Errorf("%d times instead of %d: %q", n, w.want[key], key)
			}
		}
	}
	t.Logf("%d kills in %v, %d batches pushed again, %d rows deleted, %d lines written, %d in Loki, %d lost, %d doubled", times, time.Since(began).Round(time.Second), pushed, w.deleted, len(w.want), len(got), lost, doubled)
	if pushed == 0 && times == killsFull {
		t.Error("no kill fell between the position and the end of a push: the test proves too little")
	}
}
