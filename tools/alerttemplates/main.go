// Command alerttemplates writes the alert rules and notification templates that we ship, in both languages:
//
//	cd tools/alerttemplates && go run .
//
// They are made from source/, because every value in a notification passes through the same cleaning for its channel,
// in two languages, and Grafana's template language has neither functions nor includes that return a value before 12.0.
// The tests of this module render the result with Grafana's own alerting library.
package main

import (
	"bytes"
	"embed"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"text/template"
)

//go:embed source
var source embed.FS

// root is the repository, seen from this module's folder.
const root = "../.."

func main() {
	all, err := files()
	if err == nil {
		for path, text := range all {
			if err = os.MkdirAll(filepath.Dir(filepath.Join(root, path)), 0o755); err != nil {
				break
			}
			if err = os.WriteFile(filepath.Join(root, path), []byte(text), 0o644); err != nil {
				break
			}
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "alerttemplates:", err)
		os.Exit(1)
	}
}

const textHead = `# Notification templates for Grafana 11.6 and newer.
# Generated from tools/alerttemplates: change its source/ and run it.
#
#   title     one line: subject of an email, title in WeCom, DingTalk, Slack and webhooks
#   text      plain text: email, message of a webhook
#   markdown  WeCom and DingTalk (actionCard), at most 3.5 kB: WeCom takes 4096 bytes with the title
#   slack     Slack's mrkdwn, at most 3.1 kB
#   alert     one alert as plain text, part of the others
#
# A contact point says for example: message: '{{ template "bkincidents.LANG.markdown" . }}'
# Dollars are single: Grafana does not expand variables in templates.
`

const payloadHead = `# JSON payloads for webhook contact points of Grafana 12.0 and newer: Feishu, DingTalk (Markdown), and JSON for
# programs. Generated from tools/alerttemplates: change its source/ and run it.
#
# They need the templates.yaml of both languages in provisioning/alerting/. Do not copy them to an older Grafana: it does not know the
# functions coll, data and tmpl, refuses the file, and does not start.
#
#   bkincidents.zh.feishu.payload    at most 17 kB: Feishu takes 20 kB
#   bkincidents.zh.dingtalk.payload  at most 5 kB: DingTalk takes 20 kB
#   bkincidents.webhook.payload      at most 102 kB
#   bkincidents.bkmonitor.payload    at most 102 kB: events for a REST push source of BlueKing's monitor
#   bkincidents.fta.payload          one alarm for BlueKing's self-healing, with approval
#   bkincidents.events.v2.payload    one event of PagerDuty's Events API v2; vars: {routing_key: …}
#
# The last two send the worst alert of a group: give them a route that groups by fingerprint.
#
# A contact point says for example: payload: {template: '{{ template "bkincidents.zh.feishu.payload" . }}'}
`

// files are the provisioning files by path.
func files() (map[string]string, error) {
	var err error
	var payloads []string
	out := map[string]string{}
	group := func(name, lang string, parts ...part) string {
		var body strings.Builder
		for i, p := range parts {
			if i > 0 {
				body.WriteString("\n")
			}
			text, failed := p.expand(lang)
			if failed != nil {
				err = failed
			}
			body.WriteString(text)
		}
		return fmt.Sprintf("  - orgId: 1\n    name: %s\n    template: |\n%s", name, indent(body.String()))
	}
	write := func(head string, groups ...string) string {
		return head + "apiVersion: 1\n\ntemplates:\n" + strings.Join(groups, "\n")
	}
	for _, lang := range []string{"zh", "en"} {
		text := group("bkincidents."+lang, lang, part{file: "text.tmpl"}, part{"chat.tmpl", markdown}, part{"chat.tmpl", mrkdwn})
		out["provisioning/alerting/"+lang+"/templates.yaml"] = write(strings.ReplaceAll(textHead, "LANG", lang), text)
		payloads = append(payloads, group("bkincidents."+lang+".payloads", lang, part{file: "feishu.tmpl"}))
		for path, source := range map[string]string{"alerting/" + lang + "/rules.yaml": "rules.yaml", "alerting-optional/" + lang + "/self.yaml": "self.yaml"} {
			text, failed := part{file: source}.expand(lang)
			if failed != nil {
				err = failed
			}
			out["provisioning/"+path] = text
		}
	}
	payloads = append(payloads, group("bkincidents.payloads", "", part{file: "webhook.tmpl"}, part{file: "bkmonitor.tmpl"}, part{file: "single.tmpl"}))
	out["provisioning/demo/templates-webhook.yaml"] = write(payloadHead, payloads...)
	return out, err
}

// part is a source file, for a channel where it depends on one.
type part struct {
	file    string
	channel any
}

// expand fills in the words of a language. The actions of the result stand in {{ }}, those of the source in [[ ]].
func (p part) expand(lang string) (string, error) {
	t, err := template.New(p.file).Delims("[[", "]]").Option("missingkey=error").Funcs(template.FuncMap{
		"lang":     func() string { return lang },
		"word":     func(key string) (string, error) { return word(lang, key) },
		"line":     func(key string) (string, error) { return line(lang, key) },
		"severity": func(expr string) string { return translate(lang, expr, severities) },
		"verdict":  func(expr string) string { return translate(lang, expr, verdicts) },
		"time": func(expr string) string {
			return expr + ` | tz "` + zones[lang].tz + `" | date "2006-01-02 15:04:05 ` + zones[lang].name + `"`
		},
		// stamp is a time that the data source wrote, RFC 3339, as people write it.
		"stamp": func(expr string) string {
			return expr + ` | reReplaceAll "(?s)^(?:(\\d{4}-\\d\\d-\\d\\d)T(\\d\\d:\\d\\d:\\d\\d)(Z|[+-]\\d\\d:\\d\\d)|.*)$" "$1 $2 UTC$3"` +
				` | reReplaceAll "UTCZ$" "UTC" | reReplaceAll "UTC\\+08:00$" "UTC+8"`
		},
		"say": func(zh, en string) string {
			if lang == "zh" {
				return zh
			}
			return en
		},
		"colon": func() string { return words[lang]["colon"] },
		"plain": plain,
		// address is the address that a list of hosts begins with, before what may follow it; "" where it begins with a name.
		"address": func(expr, behind string) string {
			return expr + ` | reReplaceAll "(?s)^(?:(\\d{1,3}(?:\\.\\d{1,3}){3}|[0-9A-Fa-f]*:[0-9A-Fa-f:]+)` + behind + `|.*)$" "$1"`
		},
		// Loops over the severities; "" stands for any other. They end with {{- end -}}.
		"worstFirst": func() string { return `{{- range $severity := stringSlice "critical" "high" "medium" "low" "" -}}` },
		"worstLast":  func() string { return `{{- range $severity := stringSlice "" "low" "medium" "high" "critical" -}}` },
		"severityIs": func(expr string) string {
			return `eq ` + expr + ` (.Labels.severity | reReplaceAll "^(critical|high|medium|low)$" "=$1" | reReplaceAll "^[^=].*$" "" | reReplaceAll "^=" "")`
		},
		"markdown": markdown.Clean,
	}).ParseFS(source, "source/"+p.file)
	if err != nil {
		return "", err
	}
	if c, ok := p.channel.(channel); ok {
		c.lang = lang
		p.channel = c
	}
	var b bytes.Buffer
	err = t.Execute(&b, p.channel)
	if filepath.Ext(p.file) == ".tmpl" {
		return restored(b.String(), lang), err
	}
	return b.String(), err
}

func indent(text string) string {
	lines := strings.SplitAfter(strings.TrimRight(text, "\n")+"\n", "\n")
	for i, l := range lines {
		if strings.TrimSpace(l) != "" {
			lines[i] = "      " + l
		}
	}
	return strings.Join(lines, "")
}
