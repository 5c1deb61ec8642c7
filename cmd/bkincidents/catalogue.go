package main

import (
	"fmt"
	"strings"
	"sync"

	"github.com/blueking/incidents/pkg/signature"
	"github.com/blueking/incidents/pkg/signature/catalogue"
)

// builtin loads the built-in signatures, once.
var builtin = sync.OnceValues(catalogue.Load)

// shipped returns the built-in signatures as a set.
func shipped() (*signature.Set, error) {
	sigs, err := builtin()
	if err != nil {
		return nil, brokenCatalogue(err)
	}
	return signature.NewSet(sigs...)
}

func brokenCatalogue(err error) error {
	return fmt.Errorf("the built-in catalogue is broken, please report it: %w", err)
}

// langFlag is a flag of a language; "" is not given.
type langFlag signature.Lang

// String implements flag.Value.
func (l *langFlag) String() string { return string(*l) }

// Set implements flag.Value.
func (l *langFlag) Set(text string) error {
	switch signature.Lang(text) {
	case signature.ZH, signature.EN:
		*l = langFlag(text)
		return nil
	}
	return usagef("unknown language %q: use zh or en", text)
}

// or returns the language given, or the one of the environment as POSIX orders its variables.
func (l langFlag) or(c console) signature.Lang {
	if l != "" {
		return signature.Lang(l)
	}
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		if v := c.env(name); v != "" {
			if strings.HasPrefix(v, "zh") {
				return signature.ZH
			}
			return signature.EN
		}
	}
	return signature.EN
}
