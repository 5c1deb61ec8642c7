//go:build integration

// Package ship runs the built `bkincidents ship nodeman` between a real MariaDB with nodeman's tables and a real Loki.
package ship

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/blueking/incidents/tools/lokiserver"
	"github.com/blueking/incidents/tools/mariadb"
	"github.com/blueking/incidents/tools/nodeman"
)

// The database is shared; every test empties its tables.
var (
	database *mariadb.Server
	db       nodeman.DB
)

const (
	binary   = "../../bin/bkincidents"
	password = "S3CRET-of-the-account"
)

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Minute)
	defer cancel()
	var err error
	if database, err = mariadb.Start(ctx); err == nil {
		defer func() { _ = database.Stop() }()
		err = prepare(ctx)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return m.Run()
}

// prepare makes nodeman's tables and, with the SQL that we ship, the account that may read them.
func prepare(ctx context.Context) error {
	root, err := database.Open("")
	if err != nil {
		return err
	}
	defer func() { _ = root.Close() }()
	account, err := os.ReadFile("../../provisioning/collectors/nodeman-read-only.sql")
	if err != nil {
		return err
	}
	for _, text := range []string{nodeman.Schema, strings.ReplaceAll(string(account), "CHANGE-ME", password)} {
		if _, err := root.ExecContext(ctx, text); err != nil {
			return err
		}
	}
	pool, err := database.Open("bk_nodeman")
	db = nodeman.DB{DB: pool}
	return err
}

// startLoki runs a Loki for one test.
func startLoki(t *testing.T) *lokiserver.Server {
	t.Helper()
	server, err := lokiserver.Start(t.Context(), lokiserver.Options{Progress: os.Stderr})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Stop() }) // its data is in a temporary folder
	return server
}

func empty(t *testing.T) {
	t.Helper()
	for _, table := range []string{"node_man_subscriptioninstancestatusdetail", "node_man_subscriptioninstancerecord", "node_man_job"} {
		if _, err := db.ExecContext(t.Context(), "TRUNCATE TABLE "+table); err != nil {
			t.Fatal(err)
		}
	}
}

// command is one run of `ship` with the read-only account.
func command(ctx context.Context, dir, address, cluster string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, binary, append([]string{
		"ship", "nodeman", "--loki", address, "--cluster", cluster, "--position", filepath.Join(dir, "position.json"), "--every", "100ms",
	}, args...)...)
	cmd.Env = append(os.Environ(), "BKINCIDENTS_MYSQL="+database.DSN("bkincidents", password, "bk_nodeman"))
	return cmd
}

func shipOnce(t *testing.T, dir, address, cluster string, args ...string) string {
	t.Helper()
	out, err := command(t.Context(), dir, address, cluster, append(args, "--once")...).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return string(out)
}
