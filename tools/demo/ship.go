package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/blueking/incidents/tools/lokiserver"
	"github.com/blueking/incidents/tools/mariadb"
	"github.com/blueking/incidents/tools/nodeman"
)

// shipDay makes a database of nodeman's with a day of tasks, and ships its execution log with the built command line into
// a real Loki, which it returns together with what must be found: a signature and the host for each failure.
func shipDay(ctx context.Context, root string, now time.Time, progress io.Writer) (*lokiserver.Server, []string, error) {
	database, err := mariadb.Start(ctx)
	if err != nil {
		return nil, nil, err
	}
	defer func() { _ = database.Stop() }() // its data is in a temporary folder
	failures, err := writeDay(ctx, database, now)
	if err != nil {
		return nil, nil, err
	}
	loki, err := lokiserver.Start(ctx, lokiserver.Options{Progress: progress})
	if err != nil {
		return nil, nil, err
	}
	fmt.Fprintf(progress, "nodeman's database has a day of tasks, %d of which fail; shipping its execution log to %s.\n", len(failures), loki.URL())
	err = errors.Join(ship(ctx, root, database, loki.URL(), progress), lokiserver.Flush(ctx, loki.URL()))
	if err != nil {
		return nil, nil, errors.Join(err, loki.Stop())
	}
	var want []string
	for _, f := range failures {
		want = append(want, f.Signature+" "+f.Host)
	}
	return loki, want, nil
}

func writeDay(ctx context.Context, database *mariadb.Server, now time.Time) ([]nodeman.Failure, error) {
	root, err := database.Open("")
	if err != nil {
		return nil, err
	}
	defer func() { _ = root.Close() }()
	if _, err := root.ExecContext(ctx, nodeman.Schema); err != nil {
		return nil, err
	}
	pool, err := database.Open("bk_nodeman")
	if err != nil {
		return nil, err
	}
	defer func() { _ = pool.Close() }()
	return nodeman.DB{DB: pool}.Day(ctx, now)
}

// ship runs the command once, as a timer would.
func ship(ctx context.Context, root string, database *mariadb.Server, loki string, progress io.Writer) error {
	state, err := os.MkdirTemp("", "bkincidents-ship-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(state) }()
	cmd := exec.CommandContext(ctx, filepath.Join(root, "bin", "bkincidents"), "ship", "nodeman",
		"--loki", loki, "--cluster", "prod", "--since", "2d", "--once", "--position", filepath.Join(state, "position.json"))
	cmd.Env = append(os.Environ(), "BKINCIDENTS_MYSQL="+database.DSN("root", "", "bk_nodeman"))
	cmd.Stdout, cmd.Stderr = progress, progress
	return cmd.Run()
}
