package asks

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"
)

// RuleQuery is one query of a rule and how far back it looks.
type RuleQuery struct {
	Model Ask
	Back  time.Duration
}

// OfRules returns the queries of the shipped rules of a language that are evaluated every minute. The test's package is
// two folders below the root of the repository.
func OfRules(t testing.TB, lang string) []RuleQuery {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "provisioning", "alerting", lang, "rules.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Groups []struct {
			Interval string
			Rules    []struct {
				Data []struct {
					DatasourceUID     string             `yaml:"datasourceUid"`
					RelativeTimeRange struct{ From int } `yaml:"relativeTimeRange"`
					Model             Ask
				}
			}
		}
	}
	if err := yaml.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	var out []RuleQuery
	for _, g := range file.Groups {
		for _, r := range g.Rules {
			for _, d := range r.Data {
				if g.Interval == "1m" && d.DatasourceUID == "blueking-incidents" {
					out = append(out, RuleQuery{d.Model, time.Duration(d.RelativeTimeRange.From) * time.Second})
				}
			}
		}
	}
	if len(out) < 10 {
		t.Fatalf("%d queries of rules, want those of the rules of every minute", len(out))
	}
	return out
}
