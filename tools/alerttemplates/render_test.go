package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"github.com/grafana/alerting/templates"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	amtemplate "github.com/prometheus/alertmanager/template"
	"github.com/prometheus/alertmanager/types"
	"github.com/prometheus/common/model"
)

var update = flag.Bool("update", false, "write the snapshots; read them before you commit")

func TestFilesAreGenerated(t *testing.T) {
	all, err := files()
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range all {
		got, err := os.ReadFile(filepath.Join(root, path))
		if err != nil || string(got) != want {
			t.Errorf("%s is not what source/ says (%v): run `go run .` in tools/alerttemplates", path, err)
		}
	}
}

// Grafana 11.6 has the functions of the Alertmanager and no others, and does not start with a template that it cannot parse.
func TestTextTemplatesNeedNothingNewerThanGrafana116(t *testing.T) {
	for _, d := range bothLanguages(t) {
		tmpl, err := amtemplate.New()
		if err != nil {
			t.Fatal(err)
		}
		if err := tmpl.Parse(strings.NewReader(d.Template)); err != nil {
			t.Errorf("%s: %v", d.Name, err)
		}
	}
}

func TestBothLanguagesHaveTheSameTemplates(t *testing.T) {
	for path, all := range map[string][]templates.TemplateDefinition{"alerting": bothLanguages(t), "demo": definitions(t, "demo/templates-webhook.yaml")} {
		defined := map[string]int{}
		for _, d := range all {
			for _, part := range strings.Split(d.Template, `{{ define "`)[1:] {
				name, _, _ := strings.Cut(part, `"`)
				if !strings.HasPrefix(name, "bkincidents.") {
					t.Errorf("template names are global, %q needs our prefix", name)
				}
				name = strings.Replace(strings.Replace(name, ".zh.", ".LANG.", 1), ".en.", ".LANG.", 1)
				defined[name]++
			}
		}
		for name, n := range defined {
			if want := 1 + strings.Count(name, "LANG"); n != want {
				t.Errorf("%s: %d definitions of %s, want %d", path, n, name, want)
			}
		}
	}
}

// limits are bytes of what a channel takes, or for email and webhooks, of what we think is enough.
var limits = map[string]int{
	"email": 120_000, "wecom": 4096, "dingtalk": 20_000, "feishu": 20_000, "slack": 4_000, "webhook": 110_000,
	"bkmonitor": 110_000, "fta": 60_000, "events": 512_000,
}

// message is what a receiver sent, taken apart: the text that people read, and what counts against the channel's limit.
type message struct {
	text string
	size int
}

func read(t *testing.T, channel string, s sent) message {
	t.Helper()
	if channel == "email" {
		return message{"subject: " + s.subject + "\n" + s.body, len(s.body)}
	}
	var body map[string]any
	if err := json.Unmarshal([]byte(s.body), &body); err != nil {
		t.Fatalf("%s: not JSON: %v\n%s", channel, err, s.body)
	}
	switch channel {
	case "wecom":
		text := body["markdown"].(map[string]any)["content"].(string)
		return message{text, len(text)}
	case "dingtalk":
		m := body["markdown"].(map[string]any)
		return message{"title: " + m["title"].(string) + "\n" + m["text"].(string), len(s.body)}
	case "slack":
		a := body["attachments"].([]any)[0].(map[string]any)
		text := a["text"].(string)
		return message{"title: " + a["title"].(string) + "\n" + text, len(text)}
	case "webhook":
		if text, ok := body["message"].(string); ok { // Grafana's own JSON
			return message{"title: " + body["title"].(string) + "\n" + text, len(s.body)}
		}
	}
	var pretty bytes.Buffer
	e := json.NewEncoder(&pretty)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(body); err != nil {
		t.Fatal(err)
	}
	return message{pretty.String(), len(s.body)}
}

// channel is the last part of a receiver's uid.
func channelOf(uid string) string { return uid[strings.LastIndex(uid, "-")+1:] }

// langOf is the language of a contact point, which ends its name.
func langOf(point contactPoint) string { return point.Name[len(point.Name)-2:] }

// isPlatform tells of a contact point for programs and not for people.
func isPlatform(point contactPoint) bool { return strings.HasPrefix(point.Name, "BlueKing platforms") }

// unread are the cases that nobody would read a snapshot of.
var unread = []string{"fifty-worst", "one-worst", "fifty-over", "unranked"}

func TestNotifications(t *testing.T) {
	tmpl := load(t)
	for _, point := range contactPoints(t) {
		for name, alerts := range cases(langOf(point)) {
			t.Run(name+"/"+point.Name, func(t *testing.T) {
				var snapshot strings.Builder
				for _, r := range point.Receivers {
					channel := channelOf(r.UID)
					m := read(t, channel, deliver(t, tmpl, r.Type, r.Settings, alerts))
					if ownJSON := r.Settings["payload"] == nil && channel == "webhook"; m.size > limits[channel] && !ownJSON {
						t.Errorf("%s: %d bytes, the limit is %d", channel, m.size, limits[channel])
					}
					t.Logf("%s: %d bytes", channel, m.size)
					if !utf8.ValidString(m.text) {
						t.Errorf("%s: not UTF-8", channel)
					}
					if !strings.Contains(m.text, "蓝鲸") && !strings.Contains(m.text, "BlueKing") {
						t.Errorf("%s: without the keyword", channel)
					}
					for _, bad := range []string{"<no value>", "[no value]", "%!", "ZgotmplZ", ": -1", "{{ with $values", "{{ externalURL", "{{ index $labels"} {
						if strings.Contains(m.text, bad) {
							t.Errorf("%s: %q in\n%s", channel, bad, m.text)
						}
					}
					if name != "fifty" || channel != "feishu" && channel != "webhook" && channel != "email" {
						fmt.Fprintf(&snapshot, "=== %s\n%s\n", channel, strings.TrimRight(m.text, "\n"))
					}
				}
				switch {
				case slices.Contains(unread, name), name == "fifty" && isPlatform(point):
				case isPlatform(point):
					compare(t, name+".platforms.txt", snapshot.String())
				default:
					compare(t, name+"."+langOf(point)+".txt", snapshot.String())
				}
			})
		}
	}
}

func compare(t *testing.T, file, got string) {
	t.Helper()
	path := filepath.Join("testdata", file)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs; read what `go test -update` makes of it. Now:\n%s", path, got)
	}
}

// What a log line says must not become a link, a mention, a tag or an end of the code that it stands in.
func TestForeignTextStaysText(t *testing.T) {
	tmpl := load(t)
	forbidden := map[string][]string{
		"wecom":    {"](http://evil", "<@", "<font", "<script", "</font"},
		"dingtalk": {"](http://evil", "<@", "<script", "<at"},
		"slack":    {"<!channel", "<@", "<script", "<at"},
	}
	for _, point := range contactPoints(t) {
		for _, r := range point.Receivers {
			m := read(t, channelOf(r.UID), deliver(t, tmpl, r.Type, r.Settings, cases(langOf(point))["hostile"]))
			for _, bad := range forbidden[channelOf(r.UID)] {
				if strings.Contains(m.text, bad) {
					t.Errorf("%s: %q in\n%s", r.UID, bad, m.text)
				}
			}
			for _, line := range strings.Split(m.text, "\n") {
				// Foreign text never begins a line.
				if strings.HasPrefix(line, "# head") || strings.HasPrefix(line, "> quote") {
					t.Errorf("%s: a line of the log began a line of the message: %s", r.UID, line)
				}
			}
		}
	}
}

func TestAlertsOfUnknownSeverityAreNotLost(t *testing.T) {
	tmpl := load(t)
	for _, point := range contactPoints(t) {
		for _, r := range point.Receivers {
			if channelOf(r.UID) == "fta" || channelOf(r.UID) == "events" {
				continue // they get one alert of a group
			}
			m := read(t, channelOf(r.UID), deliver(t, tmpl, r.Type, r.Settings, cases(langOf(point))["unranked"]))
			if strings.Count(m.text, "bkrepo.example.com\n")+strings.Count(m.text, `bkrepo.example.com"`)+strings.Count(m.text, "bkrepo.example.com  \n")+strings.Count(m.text, `bkrepo.example.com\n`) < 2 || !strings.Contains(m.text, "page") {
				t.Errorf("%s:\n%s", r.UID, m.text)
			}
		}
	}
}

// However much there is, the reader learns what the first alert is and how many there are.
func TestNothingIsDroppedInSilence(t *testing.T) {
	tmpl := load(t)
	for _, point := range contactPoints(t) {
		for _, r := range point.Receivers {
			m := read(t, channelOf(r.UID), deliver(t, tmpl, r.Type, r.Settings, cases(langOf(point))["fifty"]))
			if !strings.Contains(m.text, "50") || !strings.Contains(m.text, "10.0.0.0") {
				t.Errorf("%s: neither the number nor the first subject:\n%s", r.UID, m.text)
			}
		}
	}
}

// Self-healing gets a step only if it reads or changes: nothing that destroys may run because an alert said so.
func TestNoDestructiveStepIsHandedToSelfHealing(t *testing.T) {
	tmpl := load(t)
	for _, point := range contactPoints(t) {
		for _, r := range point.Receivers {
			if channelOf(r.UID) != "fta" {
				continue
			}
			for risk, named := range map[string]bool{"read-only": true, "change": true, "destructive": false, "": false, "anything": false} {
				say := texts(func(zh, _ string) string { return zh })
				alert := say.alert(firing, nil, map[model.LabelName]string{"first_risk": risk, "first_step": "rm -rf /data"})
				body := deliver(t, tmpl, r.Type, r.Settings, []*types.Alert{alert}).body
				if strings.Contains(body, "rm -rf") != named || !strings.Contains(body, `"approval":"required"`) {
					t.Errorf("risk %q: %s", risk, body)
				}
			}
		}
	}
}
