package incident

import (
	"testing"

	"github.com/blueking/incidents/pkg/signature"
)

func TestParenthesesGoWithAnUnknownValue(t *testing.T) {
	for name, c := range map[string]struct {
		text   string
		values map[string]string
		want   string
	}{
		"Chinese, unknown":       {"GSE 进程没有监听端口（{{port}}）", map[string]string{}, "GSE 进程没有监听端口"},
		"English, unknown":       {"The port is closed ({{port}}).", map[string]string{}, "The port is closed."},
		"known":                  {"The port is closed ({{port}}).", map[string]string{"port": "28625"}, "The port is closed (28625)."},
		"unknown in a sentence":  {"Port {{port}} is closed.", map[string]string{}, "Port <port> is closed."},
		"more than the value":    {"Closed (port {{port}}).", map[string]string{}, "Closed (port <port>)."},
		"without an incident":    {"The port is closed ({{port}}).", nil, "The port is closed (<port>)."},
		"one known, one unknown": {"{{port}} is closed ({{host}})", map[string]string{"port": "1"}, "1 is closed"},
	} {
		template, err := signature.ParseTemplate(c.text)
		if err != nil {
			t.Fatal(err)
		}
		if got := (Rendering{}).prose(template, c.values); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}
