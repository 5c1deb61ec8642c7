package scenarios

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/blueking/incidents/pkg/incident"
	"github.com/blueking/incidents/pkg/signature"
)

// hostile are values that have broken out of something, somewhere.
var hostile = []string{
	`bkrepo.example.com`, `10.0.0.8`, `2001:db8::8`, `http://bkrepo.example.com/a`, `http://[2001:db8::8]:30025/a?b=c&d=e;f#g`, `/a/b c`, `28712`, `-1`, `-rf`, `--help`,
	`$(reboot)`, "`reboot`", `${IFS}`, `$HOME`, `;reboot`, `|sh`, `&& reboot`, "a\nreboot", "a\rreboot", `'`, `'; reboot #`, `"`, `"; reboot #`, `\`, `\'`, `'\''`, `a\`, `*`, `?`, `[a]`, `{a,b}`, `~root`, `!!`, `#`, `<(id)`, `>/etc/passwd`,
	`</script><script>alert(1)</script>`, `](javascript:alert(1))`, `{{url}}`, `{{.Values}}`, `<url>`, "\x00", "a\x00b", "\xff\xfe", "\u202e", "\u2028", "\u00a0", "\x1b[31m", "http://a/'$(id)'", `http://a/$(id)`, "http://a/`id`", `http://a@b/`, `http://-x/`, `C:\tmp\a b`, `%n`, `=ls`, `A=b`,
}

// FuzzCommandsHoldValuesAsLiteralWords renders every step of every signature with foreign values: a shell must read
// each as one literal word, or as part of one, or must see the placeholder.
func FuzzCommandsHoldValuesAsLiteralWords(f *testing.F) {
	for i, v := range hostile {
		f.Add(v, hostile[(i+7)%len(hostile)], uint64(i)*0x9E3779B97F4A7C15)
	}
	f.Add(strings.Repeat("a", 4<<10), "http://"+strings.Repeat("b", 3000)+"/", uint64(0))
	set := shippedSet(f)
	f.Fuzz(func(t *testing.T, a, b string, mix uint64) {
		for _, sig := range set.All() {
			held(t, sig, valuesOf(sig, a, b, mix))
		}
	})
}

// valuesOf gives every capture of a signature one of two values, or none.
func valuesOf(sig *signature.Signature, a, b string, mix uint64) map[string]string {
	values := map[string]string{}
	names := slices.Sorted(maps.Keys(sig.VarTypes()))
	for _, name := range append(names, "host", "cluster") {
		switch mix & 3 {
		case 0, 1:
			values[name] = a
		case 2:
			values[name] = b
		}
		mix = mix>>2 | mix<<62
	}
	for _, name := range slices.Sorted(maps.Keys(sig.Derive)) {
		for _, ref := range sig.Derive[name] {
			if v := signature.Lookup(ref, values); v != "" {
				values[name] = v
				break
			}
		}
	}
	return values
}

func held(t *testing.T, sig *signature.Signature, values map[string]string) {
	t.Helper()
	for _, lang := range []signature.Lang{signature.ZH, signature.EN} {
		for _, step := range incident.Steps(sig, values, incident.Rendering{Lang: lang}) {
			n := slices.IndexFunc(sig.Remediation, func(d signature.Step) bool { return d.ID == step.ID })
			if err := heldInWords(&sig.Remediation[n], step.Command, values); err != nil {
				t.Errorf("%s, step %s: %v", sig.ID, step.ID, err)
			}
			for _, text := range append([]string{step.Command, step.Text, step.RunOn, step.Verify}, step.Missing...) {
				plain(t, text, 8<<10)
			}
			if strings.Contains(step.Command, "'<") != (len(step.Missing) > 0) && !strings.Contains(sig.Remediation[n].Command.Raw, "<") {
				t.Errorf("%s, step %s: %q says %q about what is missing", sig.ID, step.ID, step.Command, step.Missing)
			}
		}
	}
}

// places are raw lines with a place for a foreign value, which stands there as its emitter would print it.
var places = []struct{ in, before, line string }{
	{"exec", "", "[<<T>> ERROR] [3803009] 命令返回非零值：exit_status -> 6, stdout -> , stderr -> curl: (6) Could not resolve host: %s"},
	{"exec", "", "[<<T>> ERROR] [3803009] 命令返回非零值：exit_status -> 28, stdout -> , stderr -> curl: (28) Failed to connect to %s port 80 after 5001 ms: Timeout was reached"},
	{"exec", "[<<T>> INFO] 执行命令: curl http://%s/setup_agent.sh -o /tmp/x --connect-timeout 5 -sSfg", "[<<T>> ERROR] [3803009] 命令返回非零值：exit_status -> 28, stdout -> , stderr -> curl: (28) Connection timed out after 5001 milliseconds"},
	{"exec", "[<<T>> INFO] 执行命令: curl http://bkrepo.example.com/%s -o /tmp/x --connect-timeout 5 -sSfg", "[<<T>> ERROR] [3803009] 命令返回非零值：exit_status -> 22, stdout -> , stderr -> curl: (22) The requested URL returned error: 404"},
	{"agent", "", "<<T,>>:28712(0x7f2c5a1fb700):ZOO_ERROR@getaddrs@599: getaddrinfo: %s"},
	{"installer", "", "<<T>> ERROR check_deploy_result FAILED agent(PID:%s) is not connect to gse server"},
	{"gateway", "<<CRI>> stdout F [<<T.>>] ERROR [job-gateway,,] 1 --- [main] c.t.b.j.g.s.impl.EsbJwtServiceImpl       : Build esb jwt public key caught error!", `<<CRI>> stdout F org.springframework.web.client.ResourceAccessException: I/O error on GET request for "http://%s/esb/get_api_public_key": Read timed out; nested exception is java.net.SocketTimeoutException: Read timed out`},
	{"worker", "", `{"levelname": "ERROR", "message": "7f3a0c2e9b1d4e6f | [1306201] [JOB]API request exception: (Component request third-party system [JOBV3] interface [fast_execute_script] error: Status Code: 401, Error Message: x) path => %s"}`},
	{"worker", "", `{"levelname": "WARNING", "message": "7f3a0c2e9b1d4e6f | [app_core_remote:handle_report_data:scripts_error] install failed: sub_inst_id -> 42, ip -> %s, labels -> {}, log -> [script] [check_deploy_result] agent(PID:1) is not connect to gse server"}`},
}

// FuzzLinesNeverBreakOut logs a foreign value at every place of a failing line and follows it through the whole
// pipeline: no panic, no command whose structure it changes, no text of more than one line.
func FuzzLinesNeverBreakOut(f *testing.F) {
	for _, v := range hostile {
		f.Add(v)
	}
	f.Fuzz(func(t *testing.T, value string) {
		if len(value) > 64<<10 {
			t.Skip()
		}
		kinds := streamKinds(t)
		var entries []entry
		for i, place := range places {
			kind := kinds[place.in]
			labels := maps.Clone(kind.Labels)
			labels["n"] = fmt.Sprint(i)
			labels["host"] = value
			at := t0.Add(time.Duration(i) * time.Minute)
			for n, line := range []string{place.before, place.line} {
				if line == "" {
					continue
				}
				printed := value
				if strings.HasPrefix(line, "{") {
					raw, err := json.Marshal(value)
					if err != nil {
						t.Skip()
					}
					printed = strings.Trim(string(raw), `"`)
				}
				when := at.Add(time.Duration(n) * time.Millisecond)
				line = strings.ReplaceAll(expand(line, when, 0), "%s", printed)
				entries = append(entries, entry{selector: selectorOf(kind.Source, kind.OnHost), stream: newStream(labels, 0), at: when, arrives: when, line: line})
			}
		}
		st := &store{entries: entries, live: always, now: t0.Add(time.Hour)}
		res := ask(t, newScanner(t, st, 0), t0.Add(-time.Hour), t0.Add(time.Hour))
		for i := range res.Incidents {
			commandsHold(t, &res.Incidents[i])
		}
	})
}
