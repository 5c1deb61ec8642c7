package plugin

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"

	"github.com/blueking/incidents/pkg/fixtures"
	"github.com/blueking/incidents/pkg/signature"
	"github.com/blueking/incidents/pkg/source"
)

const (
	// lintTimeout bounds the work on one text; somebody is typing.
	lintTimeout = 10 * time.Second
	// maxLinted bounds the problems of an answer.
	maxLinted = 200
)

// linted is the answer of `lint`.
type linted struct {
	// Signatures that load and will be used.
	Signatures []string `json:"signatures"`
	// Fixtures that were run.
	Fixtures int             `json:"fixtures"`
	Problems []lintedProblem `json:"problems"`
	// More is how many problems are not listed.
	More int `json:"more,omitempty"`
}

type lintedProblem struct {
	// Line and Column count from 1; 0 is unknown.
	Line      int    `json:"line"`
	Column    int    `json:"column"`
	Signature string `json:"signature"`
	Message   string `json:"message"`
	// Severity is error for what keeps a signature from being used, warning for what it does not prove.
	Severity string `json:"severity"`
}

// The severities of a lintedProblem.
const (
	lintError   = "error"
	lintWarning = "warning"
)

// lintSignatures checks a YAML text as `bkincidents lint` and `bkincidents test` check a folder, beside the shipped
// signatures. Running fixtures is work, so it is for those who may change the settings, one text at a time.
func (d *Datasource) lintSignatures(ctx context.Context, r *http.Request) (any, error) {
	if err := forAdmins(ctx); err != nil {
		return nil, err
	}
	var text []byte
	if r.Body != nil { // the SDK's adapter gives an empty body as none
		var err error
		if text, err = io.ReadAll(io.LimitReader(r.Body, signature.MaxFile+1)); err != nil {
			return nil, badRequest("无法读取请求：%v。请重试。", "The request cannot be read: %v. Try again.", err)
		}
	}
	if len(text) > signature.MaxFile {
		return nil, &said{
			zh:     fmt.Sprintf("特征文本超过 %d 字节。请缩短，或把部分特征交给另一个数据源。", signature.MaxFile),
			en:     fmt.Sprintf("The signatures have more than %d bytes. Shorten them, or give some to another data source.", signature.MaxFile),
			status: http.StatusRequestEntityTooLarge, source: backend.ErrorSourceDownstream,
		}
	}
	select {
	case d.linting <- struct{}{}:
		defer func() { <-d.linting }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	return d.lint(ctx, text, d.definedFor(r), d.asked(r))
}

// definedFor are the sources that signatures may name: those of the settings, and those that somebody is adding to them
// while the text is checked.
func (d *Datasource) definedFor(r *http.Request) []signature.Source {
	all := d.config.defined()
	for _, name := range r.URL.Query()["source"] {
		if source.WellFormed(name) {
			all = append(all, signature.Source(name))
		}
	}
	return source.Sort(all)
}

func (d *Datasource) lint(ctx context.Context, text []byte, defined []signature.Source, lang signature.Lang) (*linted, error) {
	cat, err := loadCatalogue(d.catalogue.shipped, string(text), defined)
	if err != nil {
		return nil, err
	}
	out := &linted{Signatures: []string{}, Problems: []lintedProblem{}}
	out.add(lintError, lang, cat.problems)
	own := func(sig *signature.Signature) bool { return cat.custom[sig.ID] }
	for _, sig := range cat.set.All() {
		if own(sig) {
			out.Signatures = append(out.Signatures, sig.ID)
		}
	}
	if len(out.Signatures) == 0 {
		return out, nil
	}
	ctx, cancel := context.WithTimeout(ctx, lintTimeout)
	defer cancel()
	promises, err := d.unproven(ctx, cat, own, out)
	if errors.Is(err, context.DeadlineExceeded) {
		err = nil
		promises = append(promises, &signature.Problem{What: lintTooSlow, Args: []any{lintTimeout}})
	}
	signature.Locate(promises, text)
	out.add(lintWarning, lang, promises)
	slices.SortStableFunc(out.Problems, func(a, b lintedProblem) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	return out, err
}

// unproven finds what signatures promise and their fixtures do not prove.
func (d *Datasource) unproven(ctx context.Context, cat catalogue, own func(*signature.Signature) bool, out *linted) ([]*signature.Problem, error) {
	problems, err := fixtures.Lint(ctx, cat.set.All(), fixtures.Options{Lateness: d.config.Lateness, Own: own})
	if err != nil {
		return nil, err
	}
	runner := fixtures.NewRunner(cat.set)
	for _, id := range out.Signatures {
		sig, _ := cat.set.Get(id)
		failures, err := runner.Run(ctx, sig)
		for _, f := range failures {
			problems = append(problems, f.Problem())
		}
		if err != nil {
			return problems, err
		}
		out.Fixtures += len(sig.Tests)
	}
	return problems, nil
}

func (l *linted) add(severity string, lang signature.Lang, problems []*signature.Problem) {
	for _, p := range problems {
		if len(l.Problems) == maxLinted {
			l.More++
			continue
		}
		l.Problems = append(l.Problems, lintedProblem{p.Line, p.Column, p.ID, p.Text(string(lang)), severity})
	}
}

// lintTooSlow tells that fixtures were left out.
var lintTooSlow = signature.Phrase{
	EN: "the tests took longer than %s and were not run to the end: run `bkincidents test` on these signatures",
	ZH: "用例运行超过 %s，未全部完成：请用 `bkincidents test` 检查这些特征",
}
