package contract

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"github.com/google/jsonschema-go/jsonschema"

	"github.com/blueking/incidents/pkg/report"
)

// Programs that take a report over check it by docs/report.schema.json: it is made of the types that reports are written of.
func TestReportSchema(t *testing.T) {
	s, err := jsonschema.For[report.Report](&jsonschema.ForOptions{TypeSchemas: map[reflect.Type]*jsonschema.Schema{
		reflect.TypeFor[time.Time](): {Type: "string", Format: "date-time"},
	}})
	if err != nil {
		t.Fatal(err)
	}
	loosen(s)
	s.Schema, s.ID = "https://json-schema.org/draft/2020-12/schema", "https://bk.tencent.com/bkincidents/v1/report.schema.json"
	s.Title = "BlueKing Incidents report"
	s.Description = "Incidents as the command line writes them with --format json, and one of them as the data source hands it over. Keys may be added."
	want, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	want = append(want, '\n')
	const file = "docs/report.schema.json"
	if *update {
		if err := os.WriteFile(filepath.Join(root, file), want, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if read(t, file) != string(want) {
		t.Errorf("%s is not that of the Go types: run `go test ./tests/contract -run ReportSchema -update`", file)
	}
}

// loosen lets keys be added, and says that lists and maps are never null.
func loosen(s *jsonschema.Schema) {
	if s == nil {
		return
	}
	if len(s.Properties) > 0 {
		s.AdditionalProperties = nil
	}
	for _, kind := range s.Types {
		if kind == "array" || kind == "object" {
			s.Type, s.Types = kind, nil
			break
		}
	}
	loosen(s.Items)
	loosen(s.AdditionalProperties)
	for _, p := range s.Properties {
		loosen(p)
	}
}
