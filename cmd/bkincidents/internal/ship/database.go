package ship

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/go-sql-driver/mysql"
)

const (
	// pageRows is how many rows are looked at a time, chunkRows and chunkBytes bound what of their text is in memory.
	pageRows, chunkRows, chunkBytes = 2000, 500, 2 << 20
	// settle is how long a row that still runs must be untouched until its last entry counts as complete.
	settle = 2 * time.Second
)

// The passes over the table. A new row has no update time until its first update.
const (
	passUpdated = "updated"
	passCreated = "created"
)

// Database reads nodeman's tables. It is a Source.
type Database struct {
	db      *sql.DB
	overlap time.Duration
	since   time.Duration
	hosts   *hosts
}

var _ Source = (*Database)(nil)

// DatabaseOptions of OpenDatabase.
type DatabaseOptions struct {
	Config *mysql.Config
	// Overlap is how far back each round looks again: transactions become visible later than their times say, and the
	// clocks of nodeman's pods differ.
	Overlap time.Duration
	// Since is how far back the first round begins.
	Since time.Duration
	Log   *slog.Logger
}

// OpenDatabase prepares reading; nothing is connected yet.
func OpenDatabase(o DatabaseOptions) (*Database, error) {
	o.Config.Logger = driverLog{o.Log}
	connector, err := mysql.NewConnector(o.Config)
	if err != nil {
		return nil, err
	}
	db := sql.OpenDB(connector)
	db.SetMaxOpenConns(1)
	db.SetConnMaxIdleTime(time.Minute)
	return &Database{db: db, overlap: o.Overlap, since: o.Since, hosts: newHosts(db)}, nil
}

// driverLog keeps the driver's remarks on broken connections, which are errors of the queries, too, in the debug log.
type driverLog struct{ log *slog.Logger }

func (d driverLog) Print(v ...any) { d.log.Debug("database driver", "text", fmt.Sprint(v...)) }

// Close implements Source.
func (d *Database) Close() error { return d.db.Close() }

// Changed implements Source.
func (d *Database) Changed(ctx context.Context, position *Position, each func(Row) error) error {
	var now time.Time
	if err := d.db.QueryRowContext(ctx, "SELECT UTC_TIMESTAMP(6)").Scan(&now); err != nil {
		return err
	}
	for _, pass := range []string{passUpdated, passCreated} {
		if err := d.pass(ctx, pass, now, position, each); err != nil {
			return err
		}
		position.Looked(pass, now)
	}
	return nil
}

// found is a row as a page gives it, without its text.
type found struct {
	id, record, length uint64
	node, status       string
	created, at        time.Time
}

// page asks for the rows after a mark, in its order, by the index on the time.
func page(pass string) string {
	column, where := "update_time", ""
	if pass == passCreated {
		column, where = "create_time", " AND update_time IS NULL"
	}
	return strings.NewReplacer("{column}", column, "{where}", where, "{limit}", fmt.Sprint(pageRows)).Replace(`
SELECT id, subscription_instance_record_id, node_id, status, create_time, {column}, COALESCE(LENGTH(log), 0)
FROM node_man_subscriptioninstancestatusdetail
WHERE {column} >= ? AND ({column} > ? OR id > ?){where}
ORDER BY {column}, id LIMIT {limit}`)
}

func (d *Database) pass(ctx context.Context, pass string, now time.Time, position *Position, each func(Row) error) error {
	after := Mark{Pass: pass, At: now.Add(-d.since)}
	if mark, ok := position.Mark(pass); ok {
		after.At = mark.At.Add(-d.overlap)
	}
	for {
		rows, err := d.page(ctx, after)
		if err != nil {
			return err
		}
		if err := d.changed(ctx, rows, pass, now, position, each); err != nil {
			return err
		}
		if len(rows) < pageRows {
			return nil
		}
		last := rows[len(rows)-1]
		after = Mark{Pass: pass, At: last.at, ID: last.id}
	}
}

func (d *Database) page(ctx context.Context, after Mark) (out []found, err error) {
	rows, err := d.db.QueryContext(ctx, page(after.Pass), after.At, after.At, after.ID)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }() // rows.Err has told
	for rows.Next() {
		var f found
		if err := rows.Scan(&f.id, &f.record, &f.node, &f.status, &f.created, &f.at, &f.length); err != nil {
			return nil, err
		}
		out = append(out, f)
	}
	return out, rows.Err()
}

// changed reads the text of those rows of a page that have new text, in chunks.
func (d *Database) changed(ctx context.Context, rows []found, pass string, now time.Time, position *Position, each func(Row) error) error {
	var chunk []found
	bytes := uint64(0)
	read := func() error {
		defer func() { chunk, bytes = chunk[:0], 0 }()
		return d.read(ctx, chunk, pass, now, each)
	}
	for _, f := range rows {
		if uint64(position.Known(f.id)) == f.length {
			continue
		}
		if len(chunk) > 0 && (len(chunk) == chunkRows || bytes+f.length > chunkBytes) {
			if err := read(); err != nil {
				return err
			}
		}
		chunk, bytes = append(chunk, f), bytes+f.length
	}
	return read()
}

// read gives the rows of a chunk with their text and hosts. A row that was deleted meanwhile is left out.
func (d *Database) read(ctx context.Context, chunk []found, pass string, now time.Time, each func(Row) error) error {
	if len(chunk) == 0 {
		return nil
	}
	ids, records := make([]uint64, len(chunk)), make([]uint64, len(chunk))
	for i, f := range chunk {
		ids[i], records[i] = f.id, f.record
	}
	texts, err := d.texts(ctx, ids)
	if err != nil {
		return err
	}
	hosts, err := d.hosts.of(ctx, records)
	if err != nil {
		return err
	}
	for _, f := range chunk {
		log, ok := texts[f.id]
		if !ok {
			continue
		}
		host := hosts[f.record]
		if err := each(Row{
			ID: f.id, Mark: Mark{Pass: pass, At: f.at, ID: f.id}, Created: f.created,
			Settled: over(f.status) || now.Sub(f.at) >= settle,
			Host:    host.host, TaskID: host.task, CloudID: host.cloud,
			SubInstID: fmt.Sprint(f.record), Step: f.node, Status: f.status, Log: log,
		}); err != nil {
			return err
		}
	}
	return nil
}

func (d *Database) texts(ctx context.Context, ids []uint64) (map[uint64]string, error) {
	rows, err := d.db.QueryContext(ctx, "SELECT id, COALESCE(log, '') FROM node_man_subscriptioninstancestatusdetail WHERE id IN ("+list(ids)+")")
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }() // rows.Err has told
	out := make(map[uint64]string, len(ids))
	for rows.Next() {
		var id uint64
		var log string
		if err := rows.Scan(&id, &log); err != nil {
			return nil, err
		}
		out[id] = log
	}
	return out, rows.Err()
}

// over tells that nodeman is done with a step.
func over(status string) bool {
	return status != "PENDING" && status != "RUNNING" && status != ""
}

// list writes numbers for IN.
func list(ids []uint64) string {
	var b strings.Builder
	for i, id := range ids {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprint(&b, id)
	}
	return b.String()
}
