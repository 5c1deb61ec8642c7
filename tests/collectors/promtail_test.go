package collectors

import (
	"os"
	"path/filepath"
	"testing"
)

func TestUnknownKeysAreErrors(t *testing.T) {
	file := filepath.Join(t.TempDir(), "p.yaml")
	for text, ok := range map[string]bool{
		"clients: [{url: '${LOKI}/push'}]": true,
		"client: {url: x}":                 false,
		"scrape_configs: [{job_name: x, pipeline_stages: [{json: {x: y}}]}]":     false,
		"scrape_configs: [{job_name: x, relabel_configs: [{modulus: 7}]}]":       false,
		"scrape_configs: [{job_name: x, pipeline_stages: [{cri: {}}]}]\n# $$ {}": true,
	} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Load(file, map[string]string{"LOKI": "http://loki"}); (err == nil) != ok {
			t.Errorf("%s: %v", text, err)
		}
	}
}
