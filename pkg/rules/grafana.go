package rules

import (
	"errors"
	"fmt"
	"io"
	"net/url"
	"regexp"
	"strings"

	"github.com/blueking/incidents/pkg/signature"
)

// ErrUID tells that a uid cannot be one of Grafana.
var ErrUID = errors.New("not a uid of Grafana: use up to 40 letters, digits, - and _")

var uidPattern = regexp.MustCompile(`^[A-Za-z0-9_-]{1,40}$`)

// maxTitle is how many characters Grafana lets a rule's title have.
const maxTitle = 190

const grafanaHead = `# Alert rules for Grafana 11.6 and newer, one per active signature; written by: bkincidents rules --format grafana
#
# Use them instead of the rules bkincidents-active-* of provisioning/alerting/*/rules.yaml, or every incident alerts twice:
# take those out of that file and name their uids under deleteRules. Keep its rule bkincidents-engine-unhealthy: noDataState
# OK and execErrState KeepLast leave alerts as they are while Loki cannot be read, and only that rule tells.
#
# The labels of an alert never change while its incident lives. Labels and titles: write $$ for $; annotations: a single $.
apiVersion: 1

groups:
`

// annotations are those of provisioning/alerting/*/rules.yaml; DATASOURCE stands for the uid in a link. The list of rules
// shows the summary as it stands here, so it is no template.
func annotations(lang signature.Lang, datasource string) string {
	say := func(zh, en string) string {
		if lang == signature.ZH {
			return zh
		}
		return en
	}
	return strings.NewReplacer(
		"DATASOURCE", url.QueryEscape(datasource),
		"SUMMARY", say("未恢复的蓝鲸故障事件，每个事件一条告警", "Open BlueKing incidents, one alert each"),
		" WHERE", say("位置：", " Where: "), "HOSTS", say("主机：", "Hosts: "),
	).Replace(`          __dashboardUid__: blueking-incidents-overview
          __panelId__: "6"
          summary: SUMMARY
          title: '{{ with $values.B }}{{ or (index .Labels "title") (index $labels "signature") }}{{ else }}{{ index $labels "signature" }}{{ end }}'
          description: '{{ with $values.B }}{{ index .Labels "summary" }} WHERE{{ index $labels "subject" }}{{ with index .Labels "hosts" }} · HOSTS{{ . }}{{ end }}{{ end }}'
          evidence: '{{ with $values.B }}{{ index .Labels "evidence" }}{{ end }}'
          first_step: '{{ with $values.B }}{{ index .Labels "first_step" }}{{ end }}'
          first_risk: '{{ with $values.B }}{{ index .Labels "first_risk" }}{{ end }}'
          hosts: '{{ with $values.B }}{{ index .Labels "hosts" }}{{ end }}'
          verdict: '{{ with $values.B }}{{ index .Labels "verdict" }}{{ end }}'
          count: '{{ with $values.B }}{{ index .Labels "count" }}{{ end }}'
          since: '{{ with $values.B }}{{ index .Labels "since" }}{{ end }}'
          ended: '{{ with $values.B }}{{ index .Labels "ended" }}{{ end }}'
          reason: '{{ with $values.B }}{{ index .Labels "reason" }}{{ end }}'
          document_url: '{{ with $values.B }}{{ index .Labels "document_url" }}{{ end }}'
          runbook_url: '{{ externalURL }}d/blueking-incidents-runbook?var-datasource=DATASOURCE&var-signature={{ index $labels "signature" | urlquery }}'
          incident_url: '{{ externalURL }}{{ with $values.B }}{{ with index .Labels "incident_url" }}{{ . }}{{ else }}d/blueking-incidents-incident?var-datasource=DATASOURCE&var-incident={{ index $labels "fingerprint" | urlquery }}{{ end }}{{ else }}d/blueking-incidents-incident?var-datasource=DATASOURCE&var-incident={{ index $labels "fingerprint" | urlquery }}{{ end }}'
`)
}

const threshold = `            refId: C
            datasourceUid: __expr__
            model:
              refId: C
              type: threshold
              expression: A
              datasource: {type: __expr__, uid: __expr__}
              conditions: [{evaluator: {type: gt, params: [0]}}]
`

// Grafana writes a file for Grafana's provisioning/alerting/ with a rule per active signature. datasource is the uid of
// the BlueKing Incidents data source, lang the language of the texts.
func Grafana(w io.Writer, sigs []*signature.Signature, datasource string, lang signature.Lang) error {
	if !uidPattern.MatchString(datasource) {
		return fmt.Errorf("%q: %w", datasource, ErrUID)
	}
	groups, err := grouped(sigs)
	if err != nil {
		return err
	}
	var b strings.Builder
	b.WriteString(grafanaHead)
	first := true
	for _, g := range groups {
		fmt.Fprintf(&b, "  - orgId: 1\n    name: blueking-incidents-signatures-%s\n    folder: BlueKing Incidents\n    interval: 1m\n    rules:\n", g.severity)
		for _, sig := range g.sigs {
			grafanaRule(&b, sig, datasource, lang, first)
			first = false
		}
	}
	_, err = io.WriteString(w, b.String())
	return err
}

func grafanaRule(b *strings.Builder, sig *signature.Signature, datasource string, lang signature.Lang, first bool) {
	fmt.Fprintf(b, "      - uid: %s\n        title: %s\n", uid(sig.ID), quoted(title(sig, lang)))
	b.WriteString(`        condition: C
        for: 0s
        missing_series_evals_to_resolve: 3
        noDataState: OK
        execErrState: KeepLast
        dashboardUid: blueking-incidents-overview
        panelId: 6
`)
	if first {
		b.WriteString("        labels: &labels\n          app: blueking-incidents\n        annotations: &annotations\n")
		b.WriteString(annotations(lang, datasource))
	} else {
		b.WriteString("        labels: *labels\n        annotations: *annotations\n")
	}
	b.WriteString("        data:\n")
	for _, q := range []struct{ ref, view string }{{"A", "identity"}, {"B", "evidence"}} {
		fmt.Fprintf(b, `          - refId: %[1]s
            datasourceUid: %[2]s
            relativeTimeRange: {from: 900, to: 0}
            model: {refId: %[1]s, queryType: alert, view: %[3]s, language: %[5]s, signatures: [%[4]s]}
`, q.ref, quoted(datasource), q.view, quoted(sig.ID), lang)
	}
	if first {
		b.WriteString("          - &threshold\n" + threshold)
	} else {
		b.WriteString("          - *threshold\n")
	}
}

// title is unique in its folder, as Grafana wants it. Grafana puts the environment in for $NAME, so a $ is doubled.
func title(sig *signature.Signature, lang signature.Lang) string {
	tail := " (" + sig.ID + ")"
	return strings.ReplaceAll(cut(plain(sig.Title, lang), maxTitle-len(tail))+tail, "$", "$$")
}
