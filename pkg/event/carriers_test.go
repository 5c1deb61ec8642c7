package event

import (
	"encoding/base64"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/simplifiedchinese"
)

func names() []string {
	return slices.Sorted(maps.Keys(wrappers))
}

// said are lines of programs with what they say.
var said = []struct{ line, text string }{
	{"[2024-10-22 17:01:02 ERROR] " + curlError, curlError},
	{"2024-10-22 17:01:02 [ERROR] " + curlError, curlError},
	{"[时间略 ERROR] " + curlError, curlError},
	{"2024-10-22 17:01:02 ERROR check_deploy_result FAILED agent(PID:1, PORT:28668) is not connect to gse server", "agent(PID:1, PORT:28668) is not connect to gse server"},
	{"2022-11-10 11:22:33.456 ERROR [job-gateway,,] 14 --- [           main] c.t.b.j.g.s.impl.EsbJwtServiceImpl       : Build esb jwt public key caught error!", "Build esb jwt public key caught error!"},
	{"2022-11-10 11:22:33,456:12345(0x7f2c5a1fb700):ZOO_ERROR@getaddrs@599: getaddrinfo: No such file or directory", "ZOO_ERROR@getaddrs@599: getaddrinfo: No such file or directory"},
	{"7f3a0c2e9b1d4e6f | [task_engine][service_task_exc_handler:InstallService] sub_inst_id -> 42, exc -> " + curlError, curlError},
}

// stated reports whether one event of a line states a text as an error, or at no level.
func stated(line, text string) bool {
	for _, e := range Read(line) {
		if e.Text == text && e.Stance != Quoted && e.Level != Info && e.Level != Debug {
			return true
		}
	}
	return false
}

func dump(line string) string {
	var b strings.Builder
	for _, e := range Read(line) {
		fmt.Fprintf(&b, "\n%v %q %q %s %s %q", e.Envelopes, e.Head, e.Level, e.Stance, e.Why, e.Text)
	}
	return b.String()
}

func TestEveryEnvelopeGivesTheSameEvent(t *testing.T) {
	for name, wrap := range wrappers {
		for _, s := range said {
			if line := wrap(s.line); !stated(line, s.text) {
				t.Errorf("%s: %q is not stated by %q:%s", name, s.text, line, dump(line))
			}
		}
	}
}

func TestWhatPeopleWriteHasATitle(t *testing.T) {
	for _, line := range []string{jsonOf(false, fields{"title": "Agent", "content": curlError}), jsonOf(false, fields{"标题": "Agent", "内容": curlError}), "【标题】Agent【内容】" + curlError,
		jsonOf(false, fields{"role": "user", "content": curlError}), jsonOf(false, fields{"msgtype": "text", "text": fields{"content": curlError}}), jsonOf(false, fields{"error": curlError, "solution": "DNS"}),
		`"KB-17","下载失败","` + curlError + `","检查 DNS 后重试"`, "工单编号：12 问题描述：" + curlError} {
		for _, e := range Read(line) {
			if i := strings.Index(e.Text, curlError); i == 0 && e.Stance != Quoted {
				t.Errorf("%q is %s:%s", line, e.Stance, dump(line))
			}
		}
	}
}

func TestAnyNestingOfEnvelopesGivesTheSameEvent(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	all := names()
	for range 20_000 {
		s := said[rng.IntN(len(said))]
		line, path := s.line, ""
		for range 1 + rng.IntN(4) {
			name := all[rng.IntN(len(all))]
			line, path = wrappers[name](line), name+" "+path
		}
		if !stated(line, s.text) {
			t.Fatalf("%s: %q is not stated by %q:%s", path, s.text, line, dump(line))
		}
	}
}

func TestTokensOfAHeadChangeNothingAndASentenceQuotes(t *testing.T) {
	tokens := []string{
		"2024-10-22 17:01:02", "2024-10-22T09:01:02.345+08:00", "[2024/10/22 17:01:02]", "Tue 10/22/2024 17:01:02.35", "2024/10/22 周二 17:01:02.35", "10:01:02.003",
		"Oct 22 17:01:02", "[main]", "[pool-3-thread-12]", "[job-gateway,4ec9e5d05afb4a5c,49cf5d49]", "[c8f1a2b3-4d5e-6f70-8192-a3b4c5d6e7f8]", "bk-nodeman-backend-bworker-5c7d9-x2x4z",
		"nodeman[4711]:", "level=error", "trace_id=4ec9e5d05afb4a5c", "4ec9e5d05afb4a5c49cf5d49", "[12]", "ERROR", "[ERROR]", "|", "10.0.0.8", "worker-3", "[celery.worker]", "WARN", "c.t.b.j.g.Filter -",
	}
	sentences := []string{"用户反馈：", "see the FAQ: ", "工单 8142：", "如果看到 ", "OPS-8142 ", "I get ", "grep \"", "search keyword: ", "检索关键字 ", "3. `", "- ", "> ", "# ", "user reported: ", "执行日志显示 "}
	rng := rand.New(rand.NewPCG(3, 4))
	for range 20_000 {
		s := said[rng.IntN(len(said))]
		line := s.line
		for range rng.IntN(5) {
			token := tokens[rng.IntN(len(tokens))]
			if token == "|" {
				token = "4ec9e5d0 |"
			}
			line = token + " " + line
		}
		if !stated(line, s.text) {
			t.Fatalf("%q is not stated by %q:%s", s.text, line, dump(line))
		}
		for i, quoted := range []string{"", "[2024-10-22 17:01:02 ERROR] "} {
			sentence := sentences[rng.IntN(len(sentences))]
			if quoted += sentence + line; i == 1 && sentence == "- " {
				continue // a separator
			}
			for _, e := range Read(quoted) {
				if i := strings.Index(e.Text, s.text); i >= 0 {
					if stance, _ := e.Around(i, i+len(s.text)); stance != Quoted {
						t.Fatalf("%q is %s by %q:%s", s.text, stance, quoted, dump(quoted))
					}
				}
			}
		}
	}
}

func TestChineseSurvivesWhatEncodingsDoToIt(t *testing.T) {
	line := said[0].line
	gbk, err := simplifiedchinese.GBK.NewEncoder().String(line)
	if err != nil {
		t.Fatal(err)
	}
	latin, _ := charmap.ISO8859_1.NewDecoder().String(line)
	windows, _ := charmap.Windows1252.NewDecoder().String(line)
	gbkLatin, _ := charmap.ISO8859_1.NewDecoder().String(gbk)
	for name, s := range map[string]string{"GBK": gbk, "UTF-8 read as Latin-1": latin, "GBK read as Latin-1": gbkLatin, "UTF-8 read as Windows-1252": windows} {
		if !stated(s, curlError) && !strings.ContainsRune(s, 0xFFFD) {
			t.Errorf("%s: %q:%s", name, s, dump(s))
		}
	}
	asGBK, _ := simplifiedchinese.GBK.NewDecoder().String(line)
	for name, s := range map[string]string{
		"replacement characters": strings.ToValidUTF8(gbk, "\uFFFD"), "question marks": strings.Map(func(r rune) rune {
			if r > 0x7f {
				return '?'
			}
			return r
		}, line), "UTF-8 read as GBK": asGBK, "UTF-8 read as Windows-1252": windows,
	} {
		for _, e := range Read(s) {
			if !strings.Contains(e.Text, "exit_status -> 6, stdout -> , stderr -> curl: (6) Could not resolve host: bkrepo.example.com") || e.Level != Error {
				t.Errorf("%s: %q:%s", name, s, dump(s))
			}
		}
	}
	for _, s := range []string{"[2024-10-22 17:01:02 ERROR] it’s “quoted” — twice", "[2024-10-22 17:01:02 ERROR] café Zürich", "[2024-10-22 17:01:02 ERROR] 联通"} {
		if e := Read(s)[0]; !strings.HasSuffix(s, e.Text) || e.Garbled {
			t.Errorf("%q was repaired to %q", s, e.Text)
		}
	}
}

func TestHalvesOfARecord(t *testing.T) {
	connect := "agent(PID:4711) is not connect to gse server"
	body := "{\n    \"task_id\": \"node_1\",\n    \"token\": \"x\",\n    \"logs\": [ {\"timestamp\": \"1\", \"level\": \"INFO\", \"step\":\"setup_agent\", \"log\":\"安装中\",\"status\":\"DONE\"}, {\"timestamp\": \"1\", \"level\": \"ERROR\", \"step\":\"check_deploy_result\", \"log\":\"" + connect + "\",\"status\":\"FAILED\"} ]\n}\n"
	report := asJSON(fields{"levelname": "INFO", "message": "abcdef0123 | [report_log]: " + pythonBytes(body)})
	at := strings.Index(report, "check_deploy_result") - 60
	for name, half := range map[string]string{
		"whole": report, "second half": report[at:], "first half": report[:strings.Index(report, "gse server")+20],
		"second half, CRI": "2024-10-22T09:01:02.345678901Z stdout F " + report[at:], "first half, CRI": "2024-10-22T09:01:02.345678901Z stdout P " + report[:strings.Index(report, "gse server")+20],
	} {
		found := false
		for _, e := range Read(half) {
			found = found || strings.HasPrefix(e.Text, connect) && e.Stance != Quoted && e.Attrs.Step == "check_deploy_result"
		}
		if !found {
			t.Errorf("%s: %q:%s", name, half, dump(half))
		}
	}
}

func TestWorkIsBoundedOnAnyEntry(t *testing.T) {
	if testing.Short() {
		t.Skip("nothing in it runs side by side, which is what the race detector looks for")
	}
	const size = 1 << 20
	for name, part := range map[string]string{
		"brackets": "[", "pairs of brackets": "[]", "braces": "{", "objects": `{"a":`, "messages": `{"message":`, "arrays": `{"log":[1,`, "lists": "[1", "quotes": `"`, "backslashes": `\`, "escaped quotes": `\"`,
		"lines": "\n", "heads": "[2024-10-22 17:01:02 ERROR] ", "headed lines": "[2024-10-22 17:01:02 ERROR] x\n", "escapes": "\x1b]", "codes": `\u4e00`, "fields": `"log":"a",`, "texts": `{"log":"a"},`, "pairs": "a=b ", "msg": `msg="`,
		"letters": "a", "words": "a ", "digits": "1", "dots": "a.b.", "bars": " | ", "arrows": "[a] a -> ", "invalid": "\xff", "latin": "é", "chinese": "命", "mojibake": "鍛", "questions": "?", "CR": "\r", "entities": "&gt;", "reports": "[report_log]: b'",
		"pods": "bk-nodeman-5c7d9-x2x4z ", "syslog": "<11>1 ", "times": "2024-10-22T09:01:02.345678901Z ", "cri": "2024-10-22T09:01:02.345678901Z stdout F ", "quoted": `"\"`,
	} {
		started := time.Now()
		line := strings.Repeat(part, size/len(part))
		total := 0
		events := Read(line)
		for _, e := range events {
			total += len(e.Text)
		}
		if len(events) > maxEvents || total > 16*size {
			t.Errorf("%s: %d events, %d bytes", name, len(events), total)
		}
		if took := time.Since(started); took > 30*time.Second { // some 50 ms, on a machine that does nothing else
			t.Errorf("%s: 1 MiB took %v", name, took)
		}
	}
}

func FuzzRead(f *testing.F) {
	for _, s := range said {
		f.Add(s.line)
	}
	for _, wrap := range wrappers {
		f.Add(wrap(said[0].line))
	}
	f.Add(base64.StdEncoding.EncodeToString([]byte("x")))
	f.Fuzz(func(t *testing.T, line string) {
		events := Read(line)
		total := 0
		for i := range events {
			e := &events[i]
			total += len(e.Text)
			e.Around(len(e.Text)/2, len(e.Text))
		}
		if len(events) > maxEvents || total > 16*len(line)+1024 {
			t.Fatalf("%d events of %d bytes from a line of %d", len(events), total, len(line))
		}
	})
}

func BenchmarkRead(b *testing.B) {
	for name, line := range map[string]string{
		"execution log": said[0].line, "gateway": said[4].line, "worker": wrappers["cri"](wrappers["python"](said[6].line)), "zookeeper": said[5].line,
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				Read(line)
			}
		})
	}
}

func TestLinesOfAListAreRecordsOfTheirOwn(t *testing.T) {
	exception := `org.springframework.web.client.ResourceAccessException: I/O error on GET request`
	line := jsonOf(false, fields{"items": []any{fields{"data": "heartbeat ok"}, fields{"data": said[0].line}, fields{"data": "heartbeat ok"}, fields{"data": said[4].line}, fields{"data": exception}}})
	if !stated(line, curlError) || !stated(line, said[4].text+"\n"+exception) || len(Read(line)) != 4 {
		t.Errorf("%q:%s", line, dump(line))
	}
	for _, line := range []string{
		`[1787968200, {"log": "[2026-08-29 00:01:56 ERROR] x y", "kubernetes": {"pod_name": "p"}}]`, `[{"log": "[2026-08-29 00:01:56 ERROR] x y"}]`,
		`uncName": "exception", "process": 92, "message": "e207620b8bb1fee | [task_engine][service:X] sub_inst_id -> 1, exc -> x y", "exc_info": "T`,
		"blueking bk-nodeman-backend-bworker-fd84465b0-3864b main [2026-08-13 09:52:48 ERROR] x y", "gse-agent-6a631 gse 2026-08-13 09:52:48 ERROR x y",
		"[pod/gse-agent-874ff/main] 2026-08-11T07:34:27.249275741Z 2026-08-13 09:52:48 ERROR x y", "2026-08-11T07:34:27.249275741Z 2026-08-13 09:52:48 ERROR x y",
		`kube.var.log.containers.x: {"log":"[2026-08-29 00:01:56 ERROR] x y\n"}`, `2024-10-22 09:01:02.000000000 +0000 kube.var.log: {"log":"ERROR x y"}`,
		"/var/log/gse/agent.log:12:2026-08-29 00:01:56 ERROR x y", "/tmp/a.log-2026-08-29 00:01:56 ERROR x y", "E0829 00:01:56.123456 14 file.go:88] x y", "2026-08-29 00:01:56,123 - root - ERROR - x y",
		"2026-08-29 00:01:56.123 | ERROR    | apps.x:run:12 - x y", "ERROR: x y", "[ERROR] x y", "2026-08-29 00:01:56 [main] ERROR c.t.b.X - x y", "[2026-08-29 00:01:56,123: ERROR/ForkPoolWorker-1] x y",
		"29/Aug/2026:00:01:56 +0800 [error] x y", "2026年8月29日 00:01:56 [错误] x y", "1787968200.123 ERROR x y", "<3>ERROR x y", "[2026-08-29T00:01:56Z] [ERROR] [worker-3] x y", " | [task_engine][a:B] sub_inst_id -> 1, exc -> x y",
		"4f2a | [task_engine][a:B] sub_inst_id -> 1, exc -> x y", "None | [task_engine][a:B] sub_inst_id -> 1, exc -> x y", "\x1b[41m ERROR \x1b[0m x y", "8:15AM ERR x y pod=p", "11-01 10:00:00.123  1234  5678 E Tag: x y", "11-01 10:00:00.123 E/tag( 1234): x y",
		"E, [2026-08-29T00:01:56.123456 #1207] ERROR -- : x y", "#1207 2026-08-29 00:01:56 ERROR x y", "2026-08-29T00:01:56Z\tERROR\tnode\tx.go:12\tx y\t{\"pod\": \"p\"}", "2026-08-29 00:01:56 pod=p line=\"ERROR x y\"",
		"map[level:error message:x y stream:stderr]", "level=error msg=x y pod=p", "{level: 'error', message: 'x y'}", `{"short_message": "ERROR x", "full_message": "ERROR x y"}`,
		"blueking/bk-nodeman-backend-bworker-5c7d9-x2x4z[main]: 2026-08-29 00:01:56 ERROR x y", `error: 2026-08-29 00:01:56 ERROR x y {"service":"p"}`, "10.0.0.8 | CHANGED | rc=0 >>\n2026-08-29 00:01:56 ERROR x y",
		"minion-7:\n    2026-08-29 00:01:56 ERROR x y", "*** 1. row ***\n  id: 1\nlog: 2026-08-29 00:01:56 ERROR x y", "| 2930 | FAILED | [2026-08-29 00:01:56 ERROR] x y |", "[2026-08-29T00:01:56.1+08:00] p.ERROR: x y [] []",
		"10:09:20 E: x y", "2026-08-29T00:01:56.1234567Z ##[error]x y", `{:level=>"error", :message=>"x y", :pid=>850}`, "[[entry]]\nlevel = \"error\"\nmessage = \"x y\"", `"2026-08-29 00:01:56";"n";"[2026-08-29 00:01:56 ERROR] x y"`,
		"fail: Forward.Worker[0]\n      x y", "2026-08-29 00:01:56 [error] <0.601.0>@tail:read:2 x y", "Nov 05 11:40:18.480 node-2 bk[731] <Error>: x y", `{"log_line": 451, "log_body": "ERROR x y"}`,
		"\"timestamp\",\"message\"\n\"2026-08-29\",\"[2026-08-29 00:01:56 ERROR] x y\"", "2026-08-29T00:01:56Z ERR x y providerName=file",
		`{"rows": [["2026-08-29", "ERROR", "2026-08-29 00:01:56 ERROR x y"]]}`, "2026-08-29 00:01:56.1+0800 0xeae2e    Error       0x0      78    0    bk-collector: 2026-08-29 00:01:56 ERROR x y",
		`{"winlog": {"event_data": {"param1": "2026-08-29 00:01:56 ERROR x y"}}}`, "#033[31mERROR#033[0m x y",
	} {
		found := false
		for _, e := range Read(line) {
			found = found || strings.TrimPrefix(strings.TrimSuffix(e.Text, "\nT"), "[worker-3] ") == "x y" && e.Stance != Quoted
		}
		if !found {
			t.Errorf("%q:%s", line, dump(line))
		}
	}
}

func TestAPriorityIsTheCollectors(t *testing.T) {
	exception := "org.springframework.web.client.ResourceAccessException: I/O error"
	for _, line := range []string{
		"<14>1 2024-10-22T09:01:02.003Z node-3 nodeman 12 ID47 - " + exception, "<131>1 2024-10-22T09:01:02.003Z node-3 nodeman 12 ID47 - " + exception,
		"<14>Oct 22 17:01:02 node-3 nodeman[12]: " + exception, jsonOf(false, fields{"PRIORITY": "3", "MESSAGE": exception}), jsonOf(false, fields{"PRIORITY": "6", "MESSAGE": exception}),
	} {
		if e := Read(line)[0]; !e.Continues || e.Level == Info {
			t.Errorf("%q is no continuation:%s", line, dump(line))
		}
	}
}
