// Package document writes what programs of this repository compute into its documents.
package document

import (
	"errors"
	"fmt"
	"os"
	"strings"
)

// ErrMarkers means that a document has no place for the text.
var ErrMarkers = errors.New("no place for the text")

const end = "<!-- to here -->"

// begin is the marker of a command's text.
func begin(command string) string { return "<!-- " + command + " writes from here -->" }

// Write puts text between the markers of a command in a Markdown file, where it replaces what the command wrote before.
func Write(path, command, text string) error {
	old, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	replaced, err := replace(string(old), command, text)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return os.WriteFile(path, []byte(replaced), 0o644) //nolint:gosec // a document
}

func replace(document, command, text string) (string, error) {
	head, rest, ok := strings.Cut(document, begin(command))
	_, tail, closed := strings.Cut(rest, end)
	if !ok || !closed {
		return "", fmt.Errorf("%w: the lines %s and %s are missing", ErrMarkers, begin(command), end)
	}
	return head + begin(command) + "\n\n" + strings.TrimSpace(text) + "\n\n" + end + tail, nil
}
