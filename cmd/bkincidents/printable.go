package main

import (
	"bytes"
	"fmt"
	"io"
	"sync"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// printable writes text of which nothing can steer a terminal or turn what a person reads: control characters, C1 among
// them, and format characters such as those of bidirectional text become \uXXXX. That is plain text in a table and the same
// character in JSON. File names, log lines and signatures are foreign text, and each command prints some of them, so
// everything that a command says goes through here.
type printable struct {
	to io.Writer

	mu   sync.Mutex
	part []byte // the beginning of a character whose rest is in the next Write
}

// Write implements io.Writer.
func (p *printable) Write(text []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := len(text)
	if len(p.part) > 0 {
		text = append(p.part, text...)
		p.part = nil
	}
	var out []byte
	done := 0
	for at := 0; at < len(text); {
		r, size := utf8.DecodeRune(text[at:])
		if r == utf8.RuneError && size == 1 && !utf8.FullRune(text[at:]) {
			p.part, text = bytes.Clone(text[at:]), text[:at]
			break
		}
		if harmless(r, size) {
			at += size
			continue
		}
		out = append(append(out, text[done:at]...), escaped(r)...)
		at += size
		done = at
	}
	if done == 0 {
		_, err := p.to.Write(text)
		return n, err
	}
	_, err := p.to.Write(append(out, text[done:]...))
	return n, err
}

func harmless(r rune, size int) bool {
	switch {
	case r == '\n' || r == '\t':
		return true
	case r < utf8.RuneSelf:
		return r >= ' ' && r != 0x7f
	}
	return (r != utf8.RuneError || size > 1) && !unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp)
}

func escaped(r rune) string {
	if high, low := utf16.EncodeRune(r); high != utf8.RuneError {
		return fmt.Sprintf(`\u%04x\u%04x`, high, low)
	}
	return fmt.Sprintf(`\u%04x`, r)
}
