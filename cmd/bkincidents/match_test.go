package main

import (
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"github.com/blueking/incidents/pkg/match"
)

const (
	curlCommand = "[2024-10-22 17:01:02 INFO] 执行命令: curl http://bkrepo.example.com/setup_agent.sh -o /tmp/setup_agent.sh --connect-timeout 5 -sSfg"
	curlFailure = "[2024-10-22 17:01:04 ERROR] [3803009] 命令返回非零值：exit_status -> 6, stdout -> , stderr -> curl: (6) Could not resolve host: bkrepo.example.com"
	jwtHeader   = "2022-11-10 11:22:33.456 ERROR [,,] 14 --- [           main] c.t.b.j.g.s.impl.EsbJwtServiceImpl       : Build esb jwt public key caught error!"
	jwtFailure  = `org.springframework.web.client.ResourceAccessException: I/O error on GET request for "http://bkapi.example.com/api/c/compapi/v2/esb/get_api_public_key": Connect to bkapi.example.com:80 [bkapi.example.com/10.0.5.10] failed: connect timed out; nested exception is org.apache.http.conn.ConnectTimeoutException: Connect to bkapi.example.com:80 [bkapi.example.com/10.0.5.10] failed: connect timed out`
)

// in writes one line of input.
func in(id any, source, stream, line string) string {
	fields := map[string]any{"id": id, "source": source, "line": line}
	if stream != "" {
		fields["stream"] = stream
	}
	raw, err := json.Marshal(fields)
	if err != nil {
		panic(err)
	}
	return string(raw) + "\n"
}

// answers reads the output.
func answers(t *testing.T, out string) []answer {
	t.Helper()
	var list []answer
	for _, row := range strings.Split(strings.TrimSpace(out), "\n") {
		var a answer
		if err := json.Unmarshal([]byte(row), &a); err != nil {
			t.Fatalf("%q: %v", row, err)
		}
		list = append(list, a)
	}
	return list
}

func TestMatchAnswersTheLabelledCorpus(t *testing.T) {
	corpus, err := os.ReadFile("../../testdata/corpus/labelled.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	code, out, stderr := call(t, string(corpus), "match")
	if code != exitOK {
		t.Fatalf("exit %d: %s", code, stderr)
	}
	base := map[string]bool{"curl-dns": true, "curl-timeout": true, "curl-404": true, "gse-not-connected": true, "gse-zk-unresolved": true, "job-api-401": true, "job-jwt-key-timeout": true}
	got := answers(t, out)
	rows := strings.Split(strings.TrimSpace(string(corpus)), "\n")
	if len(got) != len(rows) {
		t.Fatalf("%d answers to %d lines", len(got), len(rows))
	}
	for i, row := range rows {
		var want struct {
			ID     json.RawMessage
			Expect []found
		}
		if err := json.Unmarshal([]byte(row), &want); err != nil {
			t.Fatal(err)
		}
		if string(want.ID) != string(got[i].ID) {
			t.Fatalf("answer %d is to %s, want %s", i, got[i].ID, want.ID)
		}
		have := map[string]map[string]string{}
		for _, m := range got[i].Matches {
			have[m.Signature] = m.Captures
		}
		for _, m := range want.Expect {
			if !base[m.Signature] {
				continue
			}
			captures, ok := have[m.Signature]
			if !ok {
				t.Errorf("%s: no %s", want.ID, m.Signature)
			}
			delete(have, m.Signature)
			for name, v := range m.Captures {
				if ok && captures[name] != v {
					t.Errorf("%s: %s is %q, want %q", want.ID, name, captures[name], v)
				}
			}
		}
		for id := range have {
			if base[id] {
				t.Errorf("%s: %s, which is not labelled", want.ID, id)
			}
		}
	}
}

func TestMatchReportsMalformedLinesAndGoesOn(t *testing.T) {
	input := in("a", "nodeman", "", curlFailure) + "not json\n\n" + `{"id":1,"source":"nodeman"}` + "\n" + `{"source":"nodeman","line":"x"}` + "\n" +
		`{"id":2,"line":"x"}` + "\n" + `{"id":3,"source":"syslog","line":"x"}` + "\n[]\n" + strings.TrimSuffix(in(4, "agent", "", "fine"), "\n")
	code, out, stderr := call(t, input, "match")
	if code != exitProblems {
		t.Errorf("exit %d", code)
	}
	got := answers(t, out)
	if len(got) != 2 || string(got[0].ID) != `"a"` || len(got[0].Matches) != 1 || string(got[1].ID) != "4" || got[1].Matches == nil || len(got[1].Matches) != 0 {
		t.Errorf("got %s", out)
	}
	for _, want := range []string{"line 2: not a JSON object", `line 4: key "line" is missing`, `line 5: key "id"`, `line 6: key "source"`, `line 7: unknown source "syslog"`, "line 8: not a JSON", "6 malformed lines"} {
		if !strings.Contains(stderr, want) {
			t.Errorf("%q is not reported: %s", want, stderr)
		}
	}
}

func TestMatchJoinsAdjacentLines(t *testing.T) {
	url := func(a answer) string {
		if len(a.Matches) == 0 {
			return "-"
		}
		return a.Matches[0].Captures["url"]
	}
	const command, key = "http://bkrepo.example.com/setup_agent.sh", "http://bkapi.example.com/api/c/compapi/v2/esb/get_api_public_key"
	for name, c := range map[string]struct {
		input string
		want  []string // the URL of each answer, "-" for none
	}{
		"the command before, no stream":     {in(1, "nodeman", "", curlCommand) + in(2, "nodeman", "", curlFailure), []string{"-", command}},
		"one stream":                        {in(1, "nodeman", "s", curlCommand) + in(2, "nodeman", "s", curlFailure), []string{"-", command}},
		"another stream":                    {in(1, "nodeman", "s", curlCommand) + in(2, "nodeman", "t", curlFailure), []string{"-", ""}},
		"a stream and none":                 {in(1, "nodeman", "s", curlCommand) + in(2, "nodeman", "", curlFailure), []string{"-", ""}},
		"streams in turns":                  {in(1, "nodeman", "s", curlCommand) + in(2, "agent", "s", "x") + in(3, "nodeman", "t", "x") + in(4, "nodeman", "s", curlFailure), []string{"-", "-", "-", command}},
		"another source between, no stream": {in(1, "nodeman", "", curlCommand) + in(2, "agent", "", "x") + in(3, "nodeman", "", curlFailure), []string{"-", "-", ""}},
		"a broken line between, no stream":  {in(1, "nodeman", "", curlCommand) + "?\n" + in(3, "nodeman", "", curlFailure), []string{"-", ""}},
		"too many lines between":            {in(1, "nodeman", "s", curlCommand) + strings.Repeat(in(2, "nodeman", "s", "x"), 30) + in(3, "nodeman", "s", curlFailure), append(append([]string{"-"}, strings.Fields(strings.Repeat("- ", 30))...), "")},
		"an exception belongs to its head":  {in(1, "bk-job-gateway", "s", jwtHeader) + in(2, "bk-job-gateway", "s", jwtFailure), []string{key, "-"}},
		"an exception without its head":     {in(1, "bk-job-gateway", "s", jwtHeader) + in(2, "bk-job-gateway", "t", jwtFailure), []string{"", key}},
		"recovery is no match":              {in(1, "nodeman", "", "[2024-10-22 17:01:40 INFO] [script] [check_deploy_result] gse agent has been deployed successfully"), []string{"-"}},
	} {
		t.Run(name, func(t *testing.T) {
			_, out, _ := call(t, c.input, "match")
			got := []string{}
			for _, a := range answers(t, out) {
				got = append(got, url(a))
			}
			if fmt.Sprint(got) != fmt.Sprint(c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// Where the input is cut into windows must not show: pairs of lines, in many streams at once, at any place of a long input.
func TestMatchIsTheSameAcrossWindows(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	var input strings.Builder
	want := map[int]bool{}
	pending := []string{}
	id := 0
	add := func(stream, line string, matches bool) {
		input.WriteString(in(id, "nodeman", stream, line))
		want[id] = matches
		id++
	}
	for n := range 3 * windowSize {
		switch {
		case len(pending) > 0 && rng.IntN(4) == 0:
			add(pending[0], curlFailure, true)
			pending = pending[1:]
		case rng.IntN(4) == 0:
			stream := fmt.Sprint("s", n)
			add(stream, curlCommand, false)
			pending = append(pending, stream)
		default:
			add("noise", "x", false)
		}
	}
	code, out, stderr := call(t, input.String(), "match")
	got := answers(t, out)
	if code != exitOK || len(got) != id {
		t.Fatalf("exit %d, %d answers to %d lines: %s", code, len(got), id, stderr)
	}
	for i, a := range got {
		if string(a.ID) != fmt.Sprint(i) {
			t.Fatalf("answer %d is to %s", i, a.ID)
		}
		if want[i] != (len(a.Matches) == 1 && a.Matches[0].Captures["url"] != "") || !want[i] && len(a.Matches) > 0 {
			t.Fatalf("answer %d: %+v", i, a)
		}
	}
}

func TestMatchForgetsStreams(t *testing.T) {
	set, err := shipped()
	if err != nil {
		t.Fatal(err)
	}
	var input strings.Builder
	for i := range 5 * windowSize {
		input.WriteString(in(i, "nodeman", fmt.Sprint("s", i), "x"))
	}
	w := newWindow(match.New(set), io.Discard)
	for _, row := range strings.Split(strings.TrimSpace(input.String()), "\n") {
		one, err := decodeInput([]byte(row), set)
		if err == nil {
			err = w.add(one)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if len(w.streams) > 4*windowSize || len(w.items) > 4*windowSize {
		t.Errorf("%d streams and %d lines are kept", len(w.streams), len(w.items))
	}
}

func TestMatchRedactsSecrets(t *testing.T) {
	line := strings.Replace(curlCommand, "http://bkrepo", "http://admin:hunter2@bkrepo", 1)
	_, out, _ := call(t, in(1, "nodeman", "", line)+in(2, "nodeman", "", curlFailure), "match")
	if strings.Contains(out, "hunter2") || !strings.Contains(out, "***") {
		t.Errorf("got %s", out)
	}
}
