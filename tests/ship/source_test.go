//go:build integration

package ship

import (
	"database/sql"
	"fmt"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/blueking/incidents/tools/nodeman"
)

// texts are the lines of a cluster without their heads, in order.
func texts(t *testing.T, address, cluster string) []string {
	t.Helper()
	var out []string
	for _, e := range stored(t, address, cluster, time.Now().Add(-2*time.Hour), time.Now().Add(2*time.Minute), 10*time.Minute) {
		_, text, _ := strings.Cut(e.line, "] ")
		out = append(out, text)
	}
	slices.Sort(out)
	return out
}

// add writes a row as it is in the table; a zero time is NULL.
func add(t *testing.T, record int64, status, log string, updated, created time.Time) {
	t.Helper()
	var at any
	if !updated.IsZero() {
		at = updated.UTC()
	}
	if _, err := db.ExecContext(t.Context(), `INSERT INTO node_man_subscriptioninstancestatusdetail
(subscription_instance_record_id, node_id, status, log, update_time, create_time) VALUES (?, 'node', ?, ?, ?, ?)`, record, status, log, at, created.UTC()); err != nil {
		t.Fatal(err)
	}
}

func TestRowsAreFoundWhateverTheirTimes(t *testing.T) {
	empty(t)
	loki := startLoki(t)
	dir, now := t.TempDir(), time.Now()
	line := func(text string) string { return nodeman.Line(now, "INFO", text) }
	add(t, 1, "RUNNING", line("new and not updated yet"), time.Time{}, now.Add(-time.Minute))
	add(t, 2, "FAILED", line("of a clock that is ahead"), now.Add(time.Hour), now)
	shipOnce(t, dir, loki.URL(), "times")
	add(t, 3, "FAILED", line("committed late"), now.Add(-90*time.Second), now)
	add(t, 4, "FAILED", line("written now"), now, now)
	add(t, 5, "FAILED", line("imported with its old time"), now.Add(-20*time.Hour), now.Add(-20*time.Hour))
	shipOnce(t, dir, loki.URL(), "times")
	shipOnce(t, dir, loki.URL(), "times")
	want := []string{"committed late", "new and not updated yet", "of a clock that is ahead", "written now"}
	if got := texts(t, loki.URL(), "times"); !slices.Equal(got, want) {
		t.Errorf("shipped %q, want %q", got, want)
	}
}

func TestHostsComeFromTheRecord(t *testing.T) {
	empty(t)
	loki := startLoki(t)
	now := time.Now()
	for id, r := range map[int64]nodeman.Record{
		1: {IP: "10.0.0.1,10.0.0.2", Cloud: 3, Task: 7}, 2: {IPv6: "2001:db8::8"}, 3: {InstanceID: "host|instance|host|10.0.0.9-4-0"},
	} {
		r.ID = id
		if err := db.AddRecord(t.Context(), &r, now); err != nil {
			t.Fatal(err)
		}
	}
	for id := int64(1); id < 5; id++ { // nodeman has deleted the record of the last
		add(t, id, "FAILED", nodeman.Line(now, "ERROR", fmt.Sprint(id)), now, now)
	}
	shipOnce(t, t.TempDir(), loki.URL(), "hosts")
	got := map[string]string{}
	for _, e := range stored(t, loki.URL(), "hosts", now.Add(-time.Minute), now.Add(time.Minute), time.Minute) {
		got[e.meta["sub_inst_id"]] = e.meta["host"] + " " + e.meta["task_id"] + " " + e.meta["status"]
	}
	want := map[string]string{"1": "10.0.0.1 7 FAILED", "2": "2001:db8::8 0 FAILED", "3": "10.0.0.9 0 FAILED", "4": "  FAILED"}
	for id, w := range want {
		if got[id] != w {
			t.Errorf("record %s: %q, want %q", id, got[id], w)
		}
	}
}

func TestADryRunPushesNothingAndShowsNoSecret(t *testing.T) {
	empty(t)
	now, dir := time.Now(), t.TempDir()
	add(t, 1, "FAILED", nodeman.Line(now, "INFO", "执行命令: "+secrets), now, now)
	out, err := command(t.Context(), dir, "http://127.0.0.1:1", "dry", "--dry-run").CombinedOutput()
	if err != nil || !strings.Contains(string(out), "执行命令") || strings.Contains(string(out), "S3CRET") {
		t.Errorf("%v: %s", err, out)
	}
	if files, _ := filepath.Glob(filepath.Join(dir, "*")); len(files) > 0 {
		t.Errorf("it wrote %v", files)
	}
}

func TestTheAccountMayReadTwoTablesOnly(t *testing.T) {
	account, err := sql.Open("mysql", database.DSN("bkincidents", password, "bk_nodeman"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = account.Close() }()
	for _, statement := range []string{
		"DELETE FROM node_man_subscriptioninstancestatusdetail", "UPDATE node_man_subscriptioninstancerecord SET task_id = 1",
		"SELECT * FROM node_man_job", "SELECT steps FROM node_man_subscriptioninstancerecord",
	} {
		if _, err := account.ExecContext(t.Context(), statement); err == nil || !strings.Contains(err.Error(), "denied") {
			t.Errorf("%s: %v", statement, err)
		}
	}
}

func TestAWrongPasswordSaysWhatToDo(t *testing.T) {
	cmd := exec.CommandContext(t.Context(), binary, "ship", "nodeman", "--loki", "http://127.0.0.1:1", "--once", "--position", filepath.Join(t.TempDir(), "p"), "--mysql", "env:DSN")
	cmd.Env = append(cmd.Environ(), "DSN="+database.DSN("bkincidents", "S3CRET", "bk_nodeman"))
	out, err := cmd.CombinedOutput()
	if err == nil || !strings.Contains(string(out), "check user and password") || strings.Contains(string(out), "S3CRET") {
		t.Errorf("%v: %s", err, out)
	}
}
