package main

import "regexp"

// After a restart Grafana has the labels of an alert again, but not its annotations: until the rule gets an answer, or
// when the incident is over by then, it sends the text of the rule with its actions unevaluated
// (ngalert/state, Manager.Warm). Every template therefore cuts an annotation where an action of ours begins, and says what
// the labels know instead.

// annotation is a mention of an annotation that rules.yaml makes of actions, with the alert that it belongs to.
var annotation = regexp.MustCompile(
	`(\$top)?\.Annotations\.(title|description|evidence|first_step|first_risk|hosts|verdict|count|since|ended|reason|document_url|incident_url|runbook_url)\b`)

// cut takes away the rest of a text from the first action of a rule on. A log line that says the same loses its end.
const cut = ` | reReplaceAll "(?s)\\{\\{ (?:with )?(?:\\$values|index \\$labels|externalURL).*$" ""`

// address finds the path of a link of a rule, up to the first action behind it.
const address = `"(?s)^\\{\\{ externalURL \\}\\}(?:\\{\\{.*?\\}\\})*([^{]*)(?:\\{\\{.*)?$"`

// restored makes a template readable for alerts whose annotations are still templates.
func restored(text, lang string) string {
	unread := map[string]string{
		"zh": "Grafana 重启后尚未取得详情，请打开事件详情查看。",
		"en": "Grafana restarted and has no details yet; open the incident to see them.",
	}[lang]
	return annotation.ReplaceAllStringFunc(text, func(mention string) string {
		parts := annotation.FindStringSubmatch(mention)
		alert, key := parts[1], parts[2]
		link := func(value string) string {
			return `(` + mention + ` | reReplaceAll ` + address + ` (printf "%s/${1}%s" ($.ExternalURL | reReplaceAll "/$" "") (urlquery (` + value + `))))`
		}
		switch key {
		case "title":
			return `(or (` + mention + cut + `) ` + alert + `.Labels.signature)`
		case "description":
			if unread == "" { // for programs
				return `(` + mention + cut + `)`
			}
			return `(` + mention + ` | reReplaceAll "(?s)^\\{\\{ with \\$values.*$" "` + unread + `")`
		case "incident_url":
			return link(alert + ".Labels.fingerprint")
		case "runbook_url":
			return link("or " + alert + ".Labels.signature " + alert + ".Labels.source")
		default:
			return `(` + mention + cut + `)`
		}
	})
}
