package assistant

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/blueking/incidents/pkg/incident"
	"github.com/blueking/incidents/pkg/report"
	"github.com/blueking/incidents/pkg/signature"
)

type stepsQuestion struct {
	Signature string `json:"signature" jsonschema:"id of the signature"`
	Lang      string `json:"language,omitempty" jsonschema:"language of the texts: zh or en"`
}

func (a *answers) steps(_ context.Context, q stepsQuestion) (any, error) {
	lang, err := a.lang(q.Lang)
	if err != nil {
		return nil, err
	}
	sig, ok := a.Set.Get(q.Signature)
	if !ok {
		return nil, fmt.Errorf("there is no signature %q: signatures lists them", q.Signature)
	}
	how := incident.Rendering{Lang: lang, Version: a.Version}
	return map[string]any{"signature": sig.ID, "steps": stepsOf(report.Steps(incident.Steps(sig, nil, how)))}, nil
}

type explainQuestion struct {
	Source string `json:"source" jsonschema:"log that the line is of: nodeman, agent, bk-job-gateway"`
	Line   string `json:"line" jsonschema:"the line as it stands in the log"`
}

func (a *answers) explain(_ context.Context, q explainQuestion) (any, error) {
	if known := a.Set.Sources(); !slices.Contains(known, signature.Source(q.Source)) {
		return nil, fmt.Errorf("unknown source %q: use one of %v", q.Source, known)
	}
	text, matched := a.Explain(signature.Source(q.Source), q.Line)
	return map[string]any{"matched": matched, "log_text": logText(text)}, nil
}

type signaturesQuestion struct {
	Word string `json:"word,omitempty" jsonschema:"only signatures whose id or title holds it"`
	Lang string `json:"language,omitempty" jsonschema:"language of the titles: zh or en"`
}

type listed struct {
	ID       string             `json:"id"`
	Title    string             `json:"title"`
	Severity string             `json:"severity"`
	Status   string             `json:"status"`
	Sources  []signature.Source `json:"sources"`
}

type signaturesAnswer struct {
	Signatures []listed `json:"signatures"`
	LeftOut    int      `json:"left_out,omitempty"`
}

func (a *signaturesAnswer) shorten() bool { return cut(&a.Signatures, &a.LeftOut) }

func (a *answers) signatures(_ context.Context, q signaturesQuestion) (any, error) {
	lang, err := a.lang(q.Lang)
	if err != nil {
		return nil, err
	}
	out := &signaturesAnswer{Signatures: []listed{}}
	for _, sig := range a.Set.All() {
		title := sig.Title.In(lang).Placeholders()
		if strings.Contains(strings.ToLower(sig.ID+" "+title), strings.ToLower(q.Word)) {
			out.Signatures = append(out.Signatures, listed{sig.ID, title, string(sig.Severity), string(sig.Status), sig.Sources()})
		}
	}
	return out, nil
}
