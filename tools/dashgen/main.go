// Command dashgen writes the dashboards that we ship. Run it in the repository's root after a change here:
//
//	go run ./tools/dashgen
//
// It writes one set per language, dashboards/zh and dashboards/en, with the same uids: a Grafana has one of them. The
// dashboards share their variables, tables and links, so they are made from one description of them. Columns
// are named after pkg/frames itself: a column that goes away fails the generator, not a reader at night.
package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"github.com/blueking/incidents/pkg/signature"
)

func main() {
	dir := flag.String("dir", "dashboards", "folder to write to")
	flag.Parse()
	if err := write(*dir); err != nil {
		fmt.Fprintln(os.Stderr, "dashgen:", err)
		os.Exit(1)
	}
}

func write(dir string) error {
	all, err := files()
	if err != nil {
		return err
	}
	for name, text := range all {
		if err := os.MkdirAll(filepath.Join(dir, filepath.Dir(name)), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// pages are the dashboards of a language.
func (l language) pages() []dashboard {
	return []dashboard{l.overview(), l.incidentPage(), l.runbook(), l.catalogue(), l.review(), l.self()}
}

// files are the dashboards by path: language and uid.
func files() (map[string][]byte, error) {
	out := map[string][]byte{}
	for _, l := range []language{language(signature.ZH), language(signature.EN)} {
		for _, d := range l.pages() {
			var b bytes.Buffer
			e := json.NewEncoder(&b)
			e.SetEscapeHTML(false) // & stands in every link
			e.SetIndent("", "  ")
			if err := e.Encode(d); err != nil {
				return nil, fmt.Errorf("%s: %w", d.UID, err)
			}
			out[filepath.Join(string(l), d.UID+".json")] = b.Bytes()
		}
	}
	return out, nil
}

// language is the one that a set of dashboards is written in. Its methods make the parts of a dashboard.
type language signature.Lang

// say chooses between the languages.
func (l language) say(zh, en string) string {
	if l == language(signature.ZH) {
		return zh
	}
	return en
}
