package selector

import (
	"errors"
	"fmt"
	"unicode/utf8"
)

// Error says what is wrong with a selector and where.
type Error struct {
	// Offset is the byte offset into the text, 0-based.
	Offset int
	// Position is the same in characters, from 1, as editors count.
	Position int
	en, zh   string
}

// Error is the message in English.
func (e *Error) Error() string { return e.Message("en") }

// Message returns the message in "zh" or, for any other language, in English.
func (e *Error) Message(lang string) string {
	if lang == "zh" {
		return fmt.Sprintf("%s（位置 %d）", e.zh, e.Position)
	}
	return fmt.Sprintf("%s (at position %d)", e.en, e.Position)
}

func fail(at int, en, zh string, args ...any) error {
	if len(args) > 0 {
		en, zh = fmt.Sprintf(en, args...), fmt.Sprintf(zh, args...)
	}
	return &Error{Offset: at, Position: at + 1, en: en, zh: zh}
}

// within counts the characters of an error's text.
func within(text string, err error) error {
	var e *Error
	if errors.As(err, &e) && e.Offset <= len(text) {
		e.Position = utf8.RuneCountInString(text[:e.Offset]) + 1
	}
	return err
}
