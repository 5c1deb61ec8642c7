package bench

import (
	"errors"
	"fmt"
	"os"
	"strings"
)

const (
	begin = "<!-- go tool mage benchDocs writes from here -->"
	end   = "<!-- to here -->"
)

// errMarkers means that a file has no place for the table.
var errMarkers = errors.New("no place for the table: the lines " + begin + " and " + end + " are missing")

// write puts text between the markers of a Markdown file.
func write(path, text string) error {
	old, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	replaced, err := replace(string(old), text)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return os.WriteFile(path, []byte(replaced), 0o644) //nolint:gosec // a document
}

func replace(document, text string) (string, error) {
	head, rest, ok := strings.Cut(document, begin)
	_, tail, closed := strings.Cut(rest, end)
	if !ok || !closed {
		return "", errMarkers
	}
	return head + begin + "\n\n" + strings.TrimSpace(text) + "\n\n" + end + tail, nil
}
