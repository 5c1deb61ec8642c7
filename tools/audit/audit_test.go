package audit

import (
	"errors"
	"strings"
	"testing"
)

func TestJudge(t *testing.T) {
	c := check{what: "Go", command: []string{"tool"}, unreachable: "fetching", vulnerable: 3}
	tests := map[string]struct {
		status  int
		output  string
		verdict string
		fails   bool
	}{
		"clean":                         {0, "No vulnerabilities found.", "no known vulnerability", false},
		"unreachable is neither":        {1, "fetching vulnerabilities: no such host", "not checked, the database", false},
		"findings":                      {3, "GO-2026-0001", "vulnerable", true},
		"a tool that does not work out": {1, "package does not compile", "not checked", true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			verdict, report, err := c.judge(tt.status, tt.output)
			if !strings.HasPrefix(verdict, tt.verdict) || report != tt.output {
				t.Errorf("verdict = %q (%q), want %q", verdict, report, tt.verdict)
			}
			if (err != nil) != tt.fails {
				t.Errorf("err = %v, want one: %t", err, tt.fails)
			}
			if errors.Is(err, ErrVulnerable) != (tt.status == 3) {
				t.Errorf("err = %v", err)
			}
		})
	}
}
