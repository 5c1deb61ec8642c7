package match

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

// asJSON encodes as python-json-logger does: ASCII only.
func asJSON(t *testing.T, v any) string {
	t.Helper()
	raw, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, r := range string(raw) {
		if r < 0x80 {
			b.WriteRune(r)
			continue
		}
		fmt.Fprintf(&b, `\u%04x`, r)
	}
	return b.String()
}

// pythonBytes writes what Python's repr of bytes shows.
func pythonBytes(s string) string {
	var b strings.Builder
	b.WriteString(`b'`)
	for _, c := range []byte(s) {
		switch {
		case c == '\n':
			b.WriteString(`\n`)
		case c == '\\' || c == '\'':
			b.WriteByte('\\')
			b.WriteByte(c)
		case c < ' ' || c >= 0x7f:
			fmt.Fprintf(&b, `\x%02x`, c)
		default:
			b.WriteByte(c)
		}
	}
	return b.String() + `'`
}

const curlError = "[3803009] 命令返回非零值：exit_status -> 6, stdout -> , stderr -> curl: (6) Could not resolve host: bkrepo.example.com"

func TestUnwrapFindsTheMessageInEveryCarrier(t *testing.T) {
	worker := func(level, text, exc string) string {
		return asJSON(t, map[string]any{"levelname": level, "asctime": "2024-10-22 17:01:02,345", "message": "0f3a9c1e2b | " + text, "exc_info": exc})
	}
	taskEngine := "[task_engine][service_task_exc_handler:InstallService] sub_inst_id -> 42, exc -> "
	notConnected := "agent(PID:4711) is not connect to gse server"
	report := "{\n    \"task_id\": \"node_1\",\n    \"token\": \"x\",\n    \"logs\": [ {\"timestamp\": \"1\", \"level\": \"INFO\", \"step\":\"setup_agent\", \"log\":\"fine\",\"status\":\"DONE\"}, {\"timestamp\": \"1\", \"level\": \"ERROR\", \"step\":\"check_deploy_result\", \"log\":\"" + notConnected + "\",\"status\":\"FAILED\"} ]\n}\n"
	dockered := func(s string) string {
		return asJSON(t, map[string]string{"log": s + "\n", "stream": "stdout", "time": "x"})
	}
	for name, c := range map[string]struct {
		line, want string
		level      Level
		attrs      Attrs
	}{
		"execution log":                 {"[2024-10-22 17:01:02 ERROR] " + curlError, curlError, Error, Attrs{}},
		"other bracket order":           {"2024-10-22 17:01:02 [ERROR] " + curlError, curlError, Error, Attrs{}},
		"pasted without a time":         {"[时间略 ERROR] " + curlError, curlError, Error, Attrs{}},
		"crlf":                          {"[2024-10-22 17:01:02 ERROR] " + curlError + "\r\n", curlError, Error, Attrs{}},
		"cri":                           {"2024-10-22T17:01:02.345678901+08:00 stdout F [2024-10-22 17:01:02 ERROR] " + curlError, curlError, Error, Attrs{}},
		"worker":                        {worker("ERROR", taskEngine+curlError, ""), curlError, Error, Attrs{SubInstID: "42"}},
		"worker in docker":              {dockered(worker("ERROR", taskEngine+curlError, "")), curlError, Error, Attrs{SubInstID: "42"}},
		"worker in cri":                 {"2024-10-22T17:01:02Z stderr F " + worker("ERROR", taskEngine+curlError, ""), curlError, Error, Attrs{SubInstID: "42"}},
		"exception of a worker":         {worker("ERROR", "boom", "Traceback (most recent call last):\n  File \"x.py\", line 3\napps.core.remote.exceptions.ProcessError: "+curlError), curlError, Error, Attrs{}},
		"installer report":              {asJSON(t, map[string]string{"levelname": "INFO", "message": "abcdef0123 | [report_log]: " + pythonBytes(report)}), notConnected, Error, Attrs{TaskID: "node_1", Step: "check_deploy_result"}},
		"installer report, bare":        {"[report_log]: " + pythonBytes(report), notConnected, Error, Attrs{TaskID: "node_1", Step: "check_deploy_result"}},
		"installer report, dockered":    {dockered(asJSON(t, map[string]string{"levelname": "INFO", "message": "abcdef0123 | [report_log]: " + pythonBytes(report)})), notConnected, Error, Attrs{TaskID: "node_1", Step: "check_deploy_result"}},
		"script tag":                    {"[2024-10-22 17:01:02 ERROR] [script] [check_deploy_result] " + notConnected, notConnected, Error, Attrs{Step: "check_deploy_result"}},
		"script tag under INFO":         {"[2024-10-22 17:01:02 INFO] [script] " + notConnected, notConnected, UnknownLevel, Attrs{}},
		"host file":                     {"2024-10-22 17:01:02 ERROR check_deploy_result FAILED " + notConnected, notConnected, Error, Attrs{Step: "check_deploy_result"}},
		"windows host file":             {`Tue 10/22/2024 17:01:02.35 FAIL check_deploy_result FAILED "48668 is not connect to gse server , failed"` + "\r", "48668 is not connect to gse server , failed", Error, Attrs{Step: "check_deploy_result"}},
		"windows host file, zh":         {`2024/10/22 周二 17:01:02.35 FAIL check_deploy_result FAILED "48668 is not connect to gse server , failed"`, "48668 is not connect to gse server , failed", Error, Attrs{Step: "check_deploy_result"}},
		"scripts_error":                 {worker("WARNING", "[app_core_remote:handle_report_data:scripts_error] install failed: sub_inst_id -> 77, ip -> 10.0.1.5, labels -> {'ip': '10.0.1.5', 'step': 'check_deploy_result'}, log -> [script] [check_deploy_result] "+notConnected, ""), notConnected, Warning, Attrs{HostIP: "10.0.1.5", SubInstID: "77", Step: "check_deploy_result"}},
		"batch of a worker":             {worker("ERROR", "[task_engine][service_task_exc_handler:JobService] sub_inst_id -> [10086, 10087], exc -> "+curlError, ""), curlError, Error, Attrs{}},
		"pagent behind a proxy":         {"[2024-10-22 17:01:02 ERROR] [proxy] [login_pagent] (FAILED) " + notConnected, notConnected, Error, Attrs{Step: "login_pagent"}},
		"pagent":                        {"2024-10-22 17:01:02,345 ERROR    Command returned non-zero: x", "Command returned non-zero: x", Error, Attrs{}},
		"gateway 3.6":                   {"2022-11-10 11:22:33.456 ERROR [,,] 14 --- [           main] c.t.b.j.g.s.impl.EsbJwtServiceImpl       : Build esb jwt public key caught error!", "Build esb jwt public key caught error!", Error, Attrs{}},
		"gateway 3.9":                   {"[2024-11-08 09:00:00.001] ERROR [job-gateway,,] 1 --- [main] c.t.b.j.g.s.impl.EsbJwtServiceImpl       : Build esb jwt public key caught error!", "Build esb jwt public key caught error!", Error, Attrs{}},
		"gateway pasted without a time": {"时间略 ERROR [,,] 14 --- [           main] c.t.b.j.g.s.impl.EsbJwtServiceImpl       : Build esb jwt public key caught error!", "Build esb jwt public key caught error!", Error, Attrs{}},
		"gateway 3.3":                   {"[2021-07-24 10:00:00.123][|][main] ERROR c.t.b.j.g.s.impl.EsbJwtServiceImpl:getAndCachePublicKey:77 - Build esb jwt public key caught error!", "Build esb jwt public key caught error!", Error, Attrs{}},
		"gateway with colours":          {"\x1b[2m2022-11-10 11:22:33.456\x1b[0;39m \x1b[31mERROR\x1b[0;39m \x1b[35m[job-gateway,,]\x1b[0;39m \x1b[2m14 ---\x1b[0;39m \x1b[2m[           main]\x1b[0;39m \x1b[36mc.t.b.EsbJwtServiceImpl\x1b[0;39m \x1b[2m:\x1b[0;39m Build esb jwt public key caught error!", "Build esb jwt public key caught error!", Error, Attrs{}},
		"cut off by docker at 16 KiB":   {strings.TrimSuffix(worker("ERROR", taskEngine+curlError, ""), `"}`)[:200], "", "", Attrs{}},
	} {
		t.Run(name, func(t *testing.T) {
			if c.want == "" {
				Unwrap(c.line) // must not panic; what is left of it is checked by the fuzz target
				return
			}
			for _, m := range Unwrap(c.line) {
				if m.Text == c.want {
					if m.Level != c.level || m.Attrs != c.attrs {
						t.Errorf("level %q attrs %+v, want %q %+v", m.Level, m.Attrs, c.level, c.attrs)
					}
					return
				}
			}
			t.Errorf("not found in %q: %+v", c.line, Unwrap(c.line))
		})
	}
}

func TestUnwrapKeepsQuotationsApart(t *testing.T) {
	for _, line := range []string{
		"[2024-10-22 17:01:02 INFO] 用户反馈: " + curlError,
		"如果看到 [ERROR] " + curlError,
		"see the FAQ: [2024-10-22 17:01:02 ERROR] " + curlError,
		"ticket #12: " + curlError,
	} {
		for _, m := range Unwrap(line) {
			if m.Text == curlError {
				t.Errorf("%q was read as a failure", line)
			}
		}
	}
}

func FuzzUnwrap(f *testing.F) {
	f.Add("[2024-10-22 17:01:02 ERROR] " + curlError)
	f.Add(`{"levelname": "ERROR", "message": "a | [report_log]: b'{\\n \"logs\": [{\"log\": \"\\\\xe5\"}]}'"}`)
	f.Add("2024-10-22T17:01:02Z stdout P {\"log\":\"\\u001b[31mx\\n\"")
	f.Fuzz(func(t *testing.T, line string) {
		messages := Unwrap(line)
		if len(messages) > maxMessages {
			t.Fatalf("%d messages", len(messages))
		}
		total := 0
		for _, m := range messages {
			total += len(m.Text)
		}
		// Every layer may be read under several keys, but unwrapping must not multiply a line.
		if total > 16*len(line)+64 {
			t.Fatalf("%d bytes of messages from a line of %d", total, len(line))
		}
	})
}
