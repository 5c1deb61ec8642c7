//go:build integration

package ship

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/golang/snappy"
	"github.com/grafana/loki/v3/pkg/logproto"

	"github.com/blueking/incidents/tools/nodeman"
)

// The bounds: a million lines on one core within a minute, in 100 MiB. LOAD=full ships the million, otherwise a tenth
// within a tenth of the time.
const (
	millionRows, linesPerRow = 20_000, 50
	longest                  = time.Minute
	mostMemory               = 100 << 20
)

func TestAMillionLines(t *testing.T) {
	rows, within := millionRows/10, longest/10
	if os.Getenv("LOAD") == "full" {
		rows, within = millionRows, longest
	}
	empty(t)
	fill(t, rows)
	var lines atomic.Int64
	sink := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		raw, _ := io.ReadAll(r.Body)
		message, err := snappy.Decode(nil, raw)
		var req logproto.PushRequest
		if err == nil {
			err = req.Unmarshal(message)
		}
		if err != nil {
			t.Error(err)
		}
		for _, s := range req.Streams {
			lines.Add(int64(len(s.Entries)))
		}
		w.WriteHeader(http.StatusNoContent)
	}))
	defer sink.Close()
	cmd := command(t.Context(), t.TempDir(), sink.URL, "large", "--once")
	cmd.Env = append(cmd.Env, "GOMAXPROCS=1")
	cmd.Stderr = os.Stderr
	began := time.Now()
	if err := cmd.Run(); err != nil {
		t.Fatal(err)
	}
	// Processor time is what one core needs; on a machine that does much else, a clock measures the others.
	took := cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	usage := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	t.Logf("%d lines in %v of processor time (%v by the clock), %d MiB at most", lines.Load(), took.Round(100*time.Millisecond), time.Since(began).Round(100*time.Millisecond), usage.Maxrss>>10)
	if lines.Load() != int64(rows*linesPerRow) || took > within || usage.Maxrss<<10 > mostMemory {
		t.Errorf("want %d lines within %v and %d MiB", rows*linesPerRow, within, mostMemory>>20)
	}
}

// fill writes the rows, as they are after their steps ended.
func fill(t *testing.T, rows int) {
	t.Helper()
	now := time.Now().Add(-time.Hour)
	const each = 500
	for first := 0; first < rows; first += each {
		var records, details []string
		var recordArgs, detailArgs []any
		for n := first; n < first+each; n++ {
			at := now.Add(time.Duration(n) * 100 * time.Millisecond).UTC()
			records = append(records, "(?, 1, 1, ?, ?, '[]', ?)")
			recordArgs = append(recordArgs, n+1, fmt.Sprintf("host|instance|host|%d", n), fmt.Sprintf(`{"host": {"bk_host_innerip": "10.%d.%d.1", "bk_cloud_id": 0}}`, n/250, n%250), at)
			var log strings.Builder
			for l := range linesPerRow {
				fmt.Fprintf(&log, "%s\n", nodeman.Line(at.Add(time.Duration(l)*time.Second), "INFO", fmt.Sprintf("[script] [check_deploy_result] 执行命令: curl http://10.0.0.11:30025/generic/blueking/bknodeman/%d -o /tmp/setup_agent.sh --connect-timeout 5 -sSfg", l)))
			}
			details = append(details, "(?, ?, 'SUCCESS', ?, ?, ?)")
			detailArgs = append(detailArgs, n+1, "node", strings.TrimSpace(log.String()), at, at)
		}
		if _, err := db.ExecContext(t.Context(), "INSERT INTO node_man_subscriptioninstancerecord (id, task_id, subscription_id, instance_id, instance_info, steps, create_time) VALUES "+strings.Join(records, ","), recordArgs...); err != nil {
			t.Fatal(err)
		}
		if _, err := db.ExecContext(t.Context(), "INSERT INTO node_man_subscriptioninstancestatusdetail (subscription_instance_record_id, node_id, status, log, update_time, create_time) VALUES "+strings.Join(details, ","), detailArgs...); err != nil {
			t.Fatal(err)
		}
	}
}
