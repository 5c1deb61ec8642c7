// Package nodeman stands for bk-nodeman in tests and in the demo of `bkincidents ship`: its tables, and tasks that write
// their execution log there as the task engine does.
package nodeman

import (
	"context"
	"database/sql"
	_ "embed"
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// Schema makes the tables, in the database bk_nodeman.
//
//go:embed schema.sql
var Schema string

// Zone is nodeman's time zone, unless somebody changed it.
var Zone = time.FixedZone("", 8*60*60)

// DB is nodeman's view of its database.
type DB struct{ *sql.DB }

// Record is one host's part of a task.
type Record struct {
	ID, Task   int64
	IP, IPv6   string
	Cloud      int
	HostID     int
	InstanceID string
}

// AddRecord stores a record and gives it its number, if it has none.
func (d DB) AddRecord(ctx context.Context, r *Record, at time.Time) error {
	host := map[string]any{"bk_host_id": r.HostID, "bk_cloud_id": r.Cloud, "bk_biz_id": 2, "bk_host_innerip": r.IP, "bk_host_innerip_v6": r.IPv6}
	info, err := json.Marshal(map[string]any{"host": host, "scope": []any{}})
	if err != nil {
		return err
	}
	if r.InstanceID == "" {
		r.InstanceID = fmt.Sprintf("host|instance|host|%d", r.HostID)
	}
	var id any
	if r.ID != 0 {
		id = r.ID
	}
	res, err := d.ExecContext(ctx, `INSERT INTO node_man_subscriptioninstancerecord
(id, task_id, subscription_id, instance_id, instance_info, steps, status, update_time, create_time) VALUES (?, ?, ?, ?, ?, '[]', 'RUNNING', ?, ?)`,
		id, r.Task, r.Task, r.InstanceID, string(info), at.UTC(), at.UTC())
	if err == nil && r.ID == 0 {
		r.ID, err = res.LastInsertId()
	}
	return err
}

// Step is one row of the execution log while its step runs.
type Step struct {
	db DB
	ID int64
}

// Begin stores the first line of a step. Its row has no update time yet.
func (d DB) Begin(ctx context.Context, record int64, node, name string, at time.Time) (Step, error) {
	res, err := d.ExecContext(ctx, `INSERT INTO node_man_subscriptioninstancestatusdetail
(subscription_instance_record_id, node_id, status, log, create_time) VALUES (?, ?, 'RUNNING', ?, ?)`,
		record, node, Line(at, "INFO", "开始 "+name+"."), at.UTC())
	if err != nil {
		return Step{}, err
	}
	id, err := res.LastInsertId()
	return Step{d, id}, err
}

// Log appends one text.
func (s Step) Log(ctx context.Context, at time.Time, level, text string) error {
	_, err := s.db.ExecContext(ctx, `UPDATE node_man_subscriptioninstancestatusdetail SET log = CONCAT(log, ?), update_time = ? WHERE id = ?`,
		"\n"+Line(at, level, text), at.UTC(), s.ID)
	return err
}

// End appends the last text and sets the status.
func (s Step) End(ctx context.Context, at time.Time, status, level, text string) error {
	_, err := s.db.ExecContext(ctx, `UPDATE node_man_subscriptioninstancestatusdetail SET log = CONCAT(log, ?), status = ?, update_time = ? WHERE id = ?`,
		"\n"+Line(at, level, text), status, at.UTC(), s.ID)
	return err
}

// Line is a text with its head.
func Line(at time.Time, level, text string) string {
	return fmt.Sprintf("[%s %s] %s", at.In(Zone).Format(time.DateTime), level, text)
}

// Fold is a text that nodeman's page hides until it is opened.
func Fold(text string) string {
	return center(" Begin of collected logs: ") + "\n" + text + "\n" + center(" End of collected logs ")
}

func center(text string) string {
	left := (40 - len(text)) / 2
	return strings.Repeat("*", left) + text + strings.Repeat("*", 40-len(text)-left)
}
