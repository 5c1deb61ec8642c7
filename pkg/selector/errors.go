package selector

import "fmt"

// Error says what is wrong with a selector and where.
type Error struct {
	// Offset is the byte offset into the text, 0-based.
	Offset int
	en, zh string
}

// Error is the message in English.
func (e *Error) Error() string { return e.Message("en") }

// Message returns the message in "zh" or, for any other language, in English.
func (e *Error) Message(lang string) string {
	if lang == "zh" {
		return fmt.Sprintf("%s（位置 %d）", e.zh, e.Offset+1)
	}
	return fmt.Sprintf("%s (at position %d)", e.en, e.Offset+1)
}

func fail(at int, en, zh string, args ...any) error {
	if len(args) > 0 {
		en, zh = fmt.Sprintf(en, args...), fmt.Sprintf(zh, args...)
	}
	return &Error{Offset: at, en: en, zh: zh}
}
