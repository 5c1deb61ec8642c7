package settings

import (
	"errors"
	"fmt"
)

// ErrInvalid is wrapped by every error of Load and Validate.
var ErrInvalid = errors.New("invalid data source settings")

// Problem is one setting that cannot be used.
type Problem struct {
	// Key of the setting, as docs/contract.md names it.
	Key    string
	en, zh string
	args   []any
}

func invalid(key, en, zh string, args ...any) error {
	return &Problem{Key: key, en: en, zh: zh, args: args}
}

// Error is the message in English.
func (p *Problem) Error() string { return ErrInvalid.Error() + ": " + p.Message("en") }

// Unwrap is ErrInvalid.
func (p *Problem) Unwrap() error { return ErrInvalid }

// Message names the key and says what is wrong and what to do, in "zh" or, for any other language, in English.
func (p *Problem) Message(lang string) string {
	text, separator := p.en, ": "
	if lang == "zh" {
		text, separator = p.zh, "："
	}
	if len(p.args) == 0 {
		return p.Key + separator + text
	}
	args := make([]any, len(p.args))
	for i, arg := range p.args {
		args[i] = arg
		if said, ok := arg.(interface{ Message(lang string) string }); ok {
			args[i] = said.Message(lang)
		}
	}
	return p.Key + separator + fmt.Sprintf(text, args...)
}
