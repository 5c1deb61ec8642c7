package plugin

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/grafana/grafana-plugin-sdk-go/backend"

	"github.com/blueking/incidents/pkg/frames"
	"github.com/blueking/incidents/pkg/scan"
	"github.com/blueking/incidents/pkg/signature"
	"github.com/blueking/incidents/pkg/source"
)

// needed are the sources that decide which rows signatures have: their own and those of their causes, in display order.
func needed(sigs []*signature.Signature, set *signature.Set) []signature.Source {
	seen := map[string]bool{}
	found := map[signature.Source]bool{}
	var visit func(s *signature.Signature)
	visit = func(s *signature.Signature) {
		if seen[s.ID] {
			return
		}
		seen[s.ID] = true
		for _, source := range s.Sources() {
			found[source] = true
		}
		for _, rel := range s.Cause {
			if cause, ok := set.Get(rel.Signature); ok {
				visit(cause)
			}
		}
	}
	for _, s := range sigs {
		visit(s)
	}
	return source.Sort(slices.Collect(maps.Keys(found)))
}

// configured reports whether a selector covers a source.
func (d *Datasource) configured(source signature.Source) bool {
	return slices.ContainsFunc(d.config.Selectors, func(s scan.Selector) bool { return s.Source == source })
}

// detectable are the active signatures whose lines are read at all. A signature that is asked for by id and cannot be
// seen is an error; of a whole catalogue it is left out, since not everybody collects every source. A filter that
// leaves none, such as a severity that no signature has, selects no alerts: that is no error.
func (d *Datasource) detectable(sigs []*signature.Signature, byID bool) ([]*signature.Signature, error) {
	var out []*signature.Signature
	for _, s := range sigs {
		if s.Status != signature.Active {
			continue
		}
		blind := slices.IndexFunc(s.Detect.TermNames(), func(term string) bool { return !d.configured(s.Terms[term].Source) })
		if blind < 0 {
			out = append(out, s)
			continue
		}
		if source := s.Terms[s.Detect.TermNames()[blind]].Source; byID {
			return nil, &said{
				zh:     fmt.Sprintf("特征 %s 需要来源 %s，但没有为它配置日志流选择器。请在数据源设置中添加，或从查询中去掉该特征。", s.ID, source),
				en:     fmt.Sprintf("Signature %s needs the source %s, which has no stream selector. Add one in the data source settings, or remove the signature from the query.", s.ID, source),
				status: backend.StatusBadRequest, source: backend.ErrorSourceDownstream,
			}
		}
	}
	if len(out) == 0 && byID {
		return nil, &said{
			zh:     "所选特征都没有启用，没有可供告警的内容。请选择状态为 active 的特征。",
			en:     "None of the selected signatures is active, so there is nothing to alert on. Choose signatures whose status is active.",
			status: backend.StatusBadRequest, source: backend.ErrorSourceDownstream,
		}
	}
	return out, nil
}

// complete refuses an answer that a rule must not trust: a row that is missing because its source was not read, or not
// shipped any more, would resolve an alert whose failure goes on.
func complete(res *scan.Result, chosen []*signature.Signature, sources []signature.Source) error {
	if short := res.Shortfalls(sources...); len(short) > 0 {
		return incomplete(short)
	}
	for _, l := range res.Lost {
		if slices.ContainsFunc(chosen, func(s *signature.Signature) bool { return slices.Contains(l.Signatures, s.ID) }) {
			return unknown(l)
		}
	}
	return nil
}

func incomplete(short []scan.Shortfall) error {
	refusal := &said{status: backend.StatusValidationFailed, source: backend.ErrorSourceDownstream}
	texts := func(lang signature.Lang) string {
		parts := make([]string, len(short))
		for i, s := range short {
			text := s.Reason
			if s.Err != nil {
				_, _, shown := classify(s.Err)
				text = frames.Message(shown, lang)
			}
			parts[i] = fmt.Sprintf("%s: %s", s.Source, text)
		}
		return strings.Join(parts, "; ")
	}
	for _, s := range short {
		if s.Err != nil {
			refusal.status, refusal.source, _ = classify(s.Err)
			refusal.cause = s.Err
			break
		}
	}
	refusal.zh = fmt.Sprintf("日志没有读全，无法给出可靠的告警结果（%s）。请排除上述问题，或缩短时间范围、调高数据源设置中的上限。", texts(signature.ZH))
	refusal.en = fmt.Sprintf("The logs were not read completely, so alerts cannot be decided (%s). Remove the cause, choose a shorter time range, or raise the limits in the data source settings.", texts(signature.EN))
	return refusal
}

// unknown is the error of a rule on signatures that stood on a unit when it fell silent for good.
func unknown(l scan.Lost) error {
	return &said{
		status: backend.StatusValidationFailed, source: backend.ErrorSourceDownstream,
		zh: frames.Silence(l.Unit, signature.ZH) + frames.Undecided(l, signature.ZH),
		en: frames.Silence(l.Unit, signature.EN) + " " + frames.Undecided(l, signature.EN),
	}
}
