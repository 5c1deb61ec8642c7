package main

import (
	"strings"
	"testing"
)

func TestALineIsExplainedFromStandardInput(t *testing.T) {
	const line = "curl: (6) Could not resolve host: bkrepo.example.com\r\n"
	code, out, stderr := call(t, line, "explain", "--source", "nodeman", "-")
	if code != exitOK || !strings.Contains(out, ": YES") {
		t.Errorf("%d %s%s", code, out, stderr)
	}
	if code, _, stderr := call(t, strings.Repeat("x", mostExplained+1), "explain", "--source", "nodeman", "-"); code != exitUsage || !strings.Contains(stderr, "give one line") {
		t.Errorf("%d %s", code, stderr)
	}
}
