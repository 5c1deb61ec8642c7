package ship

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/go-sql-driver/mysql"
)

// ErrNoDatabase means that the address of nodeman's database names no database.
var ErrNoDatabase = errors.New("the address names no database: end it with /bk_nodeman, or what nodeman's database is called")

// ParseDSN reads the address of nodeman's database: user:password@tcp(host:3306)/database with the driver's parameters, or
// mysql://user:password@host:3306/database. What reading depends on is set here and cannot be chosen.
func ParseDSN(text string) (*mysql.Config, error) {
	dsn := strings.TrimSpace(text)
	if u, err := url.Parse(dsn); err == nil && (u.Scheme == "mysql" || u.Scheme == "mariadb") {
		dsn = fromURL(u)
	}
	cfg, err := mysql.ParseDSN(dsn)
	if err != nil {
		// The driver's text may quote what it could not read, password included.
		return nil, errors.New("the address of the database cannot be read: write user:password@tcp(host:3306)/bk_nodeman, or mysql://user:password@host:3306/bk_nodeman with % for what is special in a URL")
	}
	if cfg.DBName == "" {
		return nil, ErrNoDatabase
	}
	// nodeman stores UTC, and the columns carry no zone.
	cfg.ParseTime, cfg.Loc = true, time.UTC
	cfg.InterpolateParams = true
	if cfg.Timeout == 0 {
		cfg.Timeout = 10 * time.Second
	}
	if cfg.ReadTimeout == 0 {
		cfg.ReadTimeout = time.Minute
	}
	if cfg.WriteTimeout == 0 {
		cfg.WriteTimeout = 10 * time.Second
	}
	return cfg, nil
}

func fromURL(u *url.URL) string {
	host := u.Host
	if u.Port() == "" {
		host = u.Host + ":3306"
	}
	user := ""
	if u.User != nil {
		user = u.User.Username()
		if password, ok := u.User.Password(); ok {
			user += ":" + password
		}
		user += "@"
	}
	query := ""
	if u.RawQuery != "" {
		query = "?" + u.RawQuery
	}
	return fmt.Sprintf("%stcp(%s)%s%s", user, host, u.EscapedPath(), query)
}

// hint says what to do about an error of reading.
func hint(err error) string {
	var refused *mysql.MySQLError
	switch {
	case errors.As(err, &refused):
		switch refused.Number {
		case 1045, 1698:
			return "check user and password of --mysql, and that the account may come from this host"
		case 1044, 1142, 1143:
			return "grant SELECT on nodeman's tables: provisioning/collectors/nodeman-read-only.sql"
		case 1049, 1146, 1054:
			return "check the database of --mysql: it must be nodeman's (bk_nodeman), version 2"
		}
		return "look at the database's own log"
	case errors.Is(err, errPush):
		return "see the warning about Loki before"
	case errors.Is(err, errESB):
		return "check --esb, the application's code and secret, and that it may call nodeman's API"
	}
	return "check --mysql, DNS and the network; nothing is lost meanwhile, unless nodeman deletes rows"
}

// Explain adds what to do to an error that ends a run.
func Explain(err error) error {
	if err == nil || errors.Is(err, errPush) {
		return err
	}
	return fmt.Errorf("%w: %s", err, hint(err))
}
