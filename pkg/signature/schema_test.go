package signature

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write schema.json")

// Editors complete and check signatures by schema.json: it must know each key that the loader reads, and no other.
func TestTheSchemaIsThatOfTheTypes(t *testing.T) {
	want, err := Schema()
	if err != nil {
		t.Fatal(err)
	}
	want = append(want, '\n')
	if *update {
		if err := os.WriteFile("schema.json", want, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile("schema.json")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Error("schema.json is not that of the Go types: run `go test ./pkg/signature -run Schema -update`")
	}
}

func TestEveryDescriptionIsOfAKey(t *testing.T) {
	text, err := Schema()
	if err != nil {
		t.Fatal(err)
	}
	for key, about := range words {
		quoted, _ := json.Marshal(about)
		if !strings.Contains(string(text), string(quoted)) {
			t.Errorf("%s is no key of a signature", key)
		}
	}
}
