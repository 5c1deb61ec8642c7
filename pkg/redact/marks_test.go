package redact

import (
	"math/rand/v2"
	"strings"
	"testing"
)

// No rule may be left out for a text that it would change: the marks must stand in whatever the expressions match.
func TestMarksLeaveNoSecretOut(t *testing.T) {
	if testing.Short() {
		t.Skip("nothing in it runs side by side, which is what the race detector looks for")
	}
	parts := []string{
		"token", "TOKEN", "toKen", "to\u212aen", "secret", "ſecret", "SECRET", "passwd", "Password", "paſſword", "passwort", "bk_ticket", "api_key", "ACCESS_KEY",
		"private_key", "authorization", "bearer ", "Basic ", "baſic ", "eyJhbGciOiJI.abc.def", "request info:0,1,2,3,", "http://", "admin", "@host", "bk_app_",
		`"`, `\"`, "'", ": ", "=", ":", "[", "]", " ", ",", "&", "S3CRETS3CRET", "\xff", "失败", "İ", "x",
		"setup_agent.sh", " -c ", " -T ", " -P ", " -u ", "--user ", "sshpass -p ", " -pw ", "mysql ", " -p", "net use x ", " /user", "/uſer", "wmiexec ", "echo ", " | sudo -S", "| passwd ",
		"密码", "：", "-----BEGIN PRIVATE KEY-----", "-----END PRIVATE KEY-----", "AKIAABCDEFGHIJKLMNOP", "-", "S3CRETS3",
	}
	rng := rand.New(rand.NewPCG(1, 2))
	changed := 0
	for range 200_000 {
		var b strings.Builder
		for range 2 + rng.IntN(9) {
			b.WriteString(parts[rng.IntN(len(parts))])
		}
		text := b.String()
		want := text
		for _, rule := range rules {
			want = rule.re.ReplaceAllString(want, rule.with)
		}
		if got := Text(text); got != want {
			t.Fatalf("%q became %q, want %q", text, got, want)
		}
		if want != text {
			changed++
		}
	}
	if changed < 10_000 {
		t.Errorf("only %d texts had a secret", changed)
	}
}
