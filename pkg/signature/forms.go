package signature

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// RawForms returns every way in which a carrier may write a literal of a message: UTF-8; JSON's \uXXXX in both hex
// cases, with doubled backslashes where JSON stands inside JSON; and Python's bytes repr \xNN, plain and inside JSON.
// A literal of printable ASCII without quotes and backslashes has one form.
func RawForms(literal string) []string {
	forms := []string{literal}
	ascii := true
	for i := range len(literal) {
		ascii = ascii && literal[i] < utf8.RuneSelf
	}
	if ascii {
		return forms
	}
	for _, backslash := range []string{`\`, `\\`, `\\\\`} {
		for _, hex := range []string{`u%04x`, `u%04X`} {
			forms = append(forms, escape(literal, func(r rune) string {
				var b strings.Builder
				for _, unit := range utf16.Encode([]rune{r}) {
					b.WriteString(backslash)
					fmt.Fprintf(&b, hex, unit)
				}
				return b.String()
			}))
		}
		forms = append(forms, escape(literal, func(r rune) string {
			var b strings.Builder
			for _, c := range []byte(string(r)) {
				fmt.Fprintf(&b, backslash+`x%02x`, c)
			}
			return b.String()
		}))
	}
	slices.Sort(forms)
	return slices.Compact(forms)
}

func escape(s string, write func(rune) string) string {
	var b strings.Builder
	for _, r := range s {
		if r < utf8.RuneSelf {
			b.WriteRune(r)
			continue
		}
		b.WriteString(write(r))
	}
	return b.String()
}
