// Package mariadb runs a real MariaDB for the tests and the demo of `bkincidents ship`: nodeman's database is MySQL,
// and both speak the same here. It needs the server's programs: mariadb-server of Debian and Ubuntu.
package mariadb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"time"

	"github.com/go-sql-driver/mysql"

	"github.com/blueking/incidents/tools/freeport"
	"github.com/blueking/incidents/tools/prereq"
)

const (
	readyPoll    = 50 * time.Millisecond
	readyTimeout = time.Minute
)

// Server is a running MariaDB with an empty store.
type Server struct {
	dir  string
	port int
	cmd  *exec.Cmd
	done chan struct{} // closed by the goroutine in start once the process is gone
}

// Start runs a MariaDB on a free loopback port, and returns when it answers. It runs until Stop is called or ctx ends;
// Stop is needed either way, to remove the data.
func Start(ctx context.Context) (*Server, error) {
	daemon, err := prereq.Server("mariadbd")
	if err != nil {
		return nil, prereq.ErrNoMariaDB
	}
	install, err := prereq.Server("mariadb-install-db")
	if err != nil {
		return nil, prereq.ErrNoMariaDB
	}
	dir, err := os.MkdirTemp("", "bkincidents-mariadb-")
	if err != nil {
		return nil, fmt.Errorf("make a folder for MariaDB's data: %w", err)
	}
	s := &Server{dir: dir}
	if err := s.start(ctx, daemon, install); err != nil {
		return nil, errors.Join(fmt.Errorf("start MariaDB: %w\n%s", err, s.log()), s.Stop())
	}
	return s, nil
}

// DSN is the address of a database for a user, in the driver's form.
func (s *Server) DSN(name, password, database string) string {
	cfg := mysql.NewConfig()
	cfg.User, cfg.Passwd, cfg.Net, cfg.Addr, cfg.DBName = name, password, "tcp", fmt.Sprintf("127.0.0.1:%d", s.port), database
	cfg.ParseTime, cfg.Loc, cfg.MultiStatements, cfg.InterpolateParams = true, time.UTC, true, true
	return cfg.FormatDSN()
}

// Open connects as root; the caller closes.
func (s *Server) Open(database string) (*sql.DB, error) {
	return sql.Open("mysql", s.DSN("root", "", database))
}

// Stop kills the server, waits for its end and removes its data.
func (s *Server) Stop() error {
	if s.done != nil {
		_ = s.cmd.Process.Kill() // it may be gone
		<-s.done
	}
	return os.RemoveAll(s.dir)
}

func (s *Server) start(ctx context.Context, daemon, install string) error {
	ports, err := freeport.Choose(ctx, 1)
	if err != nil {
		return err
	}
	s.port = ports[0]
	me, err := user.Current()
	if err != nil {
		return err
	}
	data := filepath.Join(s.dir, "data")
	common := []string{"--no-defaults", "--datadir=" + data, "--user=" + me.Username}
	out, err := exec.CommandContext(ctx, install, append(common, "--auth-root-authentication-method=normal", "--skip-test-db")...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s: %w\n%s", filepath.Base(install), err, out)
	}
	log, err := os.Create(s.logFile())
	if err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, daemon, append(common,
		"--bind-address=127.0.0.1", "--port="+strconv.Itoa(s.port), "--socket="+filepath.Join(s.dir, "sock"), "--pid-file="+filepath.Join(s.dir, "pid"),
		"--innodb-buffer-pool-size=64M", "--innodb-flush-log-at-trx-commit=0", "--skip-log-bin", "--character-set-server=utf8mb4")...)
	cmd.Stdout, cmd.Stderr = log, log
	err = cmd.Start()
	_ = log.Close() // the child has its own descriptor
	if err != nil {
		return err
	}
	s.cmd, s.done = cmd, make(chan struct{})
	go func() {
		defer close(s.done)
		_ = cmd.Wait() // how it ended is in cmd.ProcessState
	}()
	return s.ready(ctx)
}

func (s *Server) ready(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, readyTimeout)
	defer cancel()
	db, err := s.Open("")
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	ticker := time.NewTicker(readyPoll)
	defer ticker.Stop()
	for {
		if err = db.PingContext(ctx); err == nil {
			return nil
		}
		select {
		case <-s.done:
			return fmt.Errorf("the process ended: %s", s.cmd.ProcessState)
		case <-ctx.Done():
			return fmt.Errorf("not ready: %w (%w)", ctx.Err(), err)
		case <-ticker.C:
		}
	}
}

func (s *Server) logFile() string { return filepath.Join(s.dir, "log") }

func (s *Server) log() string {
	raw, err := os.ReadFile(s.logFile())
	if err != nil {
		return ""
	}
	return string(raw[max(0, len(raw)-2000):])
}
