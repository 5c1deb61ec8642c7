// Package conform compares JSON that the program writes with the schema that it publishes.
package conform

import (
	"encoding/json"
	"fmt"
	"os"
	"testing"

	"github.com/google/jsonschema-go/jsonschema"
)

// Report compares a report with docs/report.schema.json, which file leads to.
func Report(t testing.TB, file, text string) error {
	t.Helper()
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var s jsonschema.Schema
	if err := json.Unmarshal(raw, &s); err != nil {
		t.Fatal(err)
	}
	resolved, err := s.Resolve(nil)
	if err != nil {
		t.Fatal(err)
	}
	var value any
	if err := json.Unmarshal([]byte(text), &value); err != nil {
		return fmt.Errorf("no JSON: %w", err)
	}
	return resolved.Validate(value)
}
