package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/blueking/incidents/pkg/query"
	"github.com/blueking/incidents/pkg/signature"
)

func TestDashboardsAreGenerated(t *testing.T) {
	all, err := files()
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range all {
		got, err := os.ReadFile(filepath.Join("..", "..", "dashboards", name))
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s is not what the generator makes (%v): run `go run ./tools/dashgen`", name, err)
		}
	}
}

// A time without a unit of its own grows by milliseconds where all rows lie in one minute, and no width fits both.
func TestTimesInTablesHaveAUnit(t *testing.T) {
	all, err := files()
	if err != nil {
		t.Fatal(err)
	}
	l := language(signature.EN)
	for name, text := range all {
		var d struct {
			Panels []struct {
				Title       string
				Type        string
				Targets     []struct{ QueryType query.Type }
				FieldConfig struct{ Overrides []override }
			}
		}
		if err := json.Unmarshal(text, &d); err != nil {
			t.Fatal(err)
		}
		for _, p := range d.Panels {
			if p.Type != "table" || len(p.Targets) == 0 {
				continue
			}
			kind, unit := p.Targets[0].QueryType, map[string]bool{}
			for _, o := range p.FieldConfig.Overrides {
				column, _ := o.Matcher["options"].(string)
				field, _ := l.frameOf(kind).FieldByName(column)
				if field == nil || field.Type() != data.FieldTypeTime && field.Type() != data.FieldTypeNullableTime {
					continue
				}
				for _, has := range o.Properties {
					text, _ := has.Value.(string)
					unit[column] = unit[column] || has.ID == "unit" && strings.HasPrefix(text, "time:")
				}
			}
			for column, given := range unit {
				if !given {
					t.Errorf("%s, %q: column %q has a width and no unit", name, p.Title, column)
				}
			}
		}
	}
}
