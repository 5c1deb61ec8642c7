package query

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/blueking/incidents/pkg/logs"
	"github.com/blueking/incidents/pkg/selector"
	"github.com/blueking/incidents/pkg/signature"
	"github.com/blueking/incidents/pkg/source"
)

// MaxLimit bounds the rows that a query may ask for; more freezes a browser.
const MaxLimit = 50_000

// MaxLine bounds the line of an explain query, in bytes.
const MaxLine = 64 << 10

// Types lists the query types.
func Types() []Type {
	return []Type{Incidents, Annotations, Alert, Count, Evidence, Steps, Signatures, Health, Timeline, Unmatched, Hosts, Context, Changes, Explain, Review}
}

// Views lists the views.
func Views() []View {
	return []View{ViewIdentity, ViewEvidence, ViewBrief, ViewAll, ViewDeciding, ViewBefore, ViewAfter}
}

// Stats lists the statistics of a count query.
func Stats() []Stat {
	return append([]Stat{StatActive, StatStarted, StatLines, StatHosts, StatLevels, StatClusters, StatCoverage}, Reviews()...)
}

// Reviews lists the statistics of a review query.
func Reviews() []Stat {
	return []Stat{StatSignatures, StatClasses, StatCauses, StatWeeks, StatNoise, StatNever}
}

// Numeric reports whether every answer of a type is a number per row, which is all that an alert rule can use.
func (t Type) Numeric() bool { return t == Alert || t == Count || t == Health }

// Numeric reports whether the answer is a number per row: that of a numeric type, or of an unmatched query that counts.
func (q Query) Numeric() bool {
	return q.QueryType.Numeric() || q.QueryType == Unmatched && (q.Stat == StatCoverage || q.Stat == StatLines)
}

// Error says what is wrong with a query and how to write it.
type Error struct {
	en, zh string
	// NotFound tells that the query is well-formed but what it names is not there.
	NotFound bool
}

// Error is the message in English.
func (e *Error) Error() string { return e.en }

// Message returns the message in "zh" or, for any other language, in English.
func (e *Error) Message(lang string) string {
	if lang == string(signature.ZH) {
		return e.zh
	}
	return e.en
}

func invalid(en, zh string, args ...any) error {
	return &Error{en: fmt.Sprintf(en, args...), zh: fmt.Sprintf(zh, args...)}
}

func notFound(en, zh string, args ...any) error {
	return &Error{en: fmt.Sprintf(en, args...), zh: fmt.Sprintf(zh, args...), NotFound: true}
}

// validate returns the first thing that is wrong. A value that selects nothing by mistake (a misspelt severity) is an
// error, because an empty answer would look like "no incidents".
func (q Query) validate() error {
	if err := known("queryType", []Type{q.QueryType}, Types()); err != nil {
		return err
	}
	if q.View != "" {
		if err := known("view", []View{q.View}, Views()); err != nil {
			return err
		}
	}
	if q.Stat != "" {
		if err := known("stat", []Stat{q.Stat}, Stats()); err != nil {
			return err
		}
	}
	if q.Language != "" {
		if err := known("language", []string{q.Language}, []string{string(signature.ZH), string(signature.EN)}); err != nil {
			return err
		}
	}
	for _, name := range q.Sources {
		if !source.WellFormed(name) {
			return unknownSource(name, signature.Sources())
		}
	}
	if err := known("severities", q.Severities, texts(signature.Severities())); err != nil {
		return err
	}
	if err := known("states", q.States, []string{"active", "resolved"}); err != nil {
		return err
	}
	if _, err := (selector.Selector{}).And(q.Matchers...); err != nil {
		return matcherError(err)
	}
	return q.fits()
}

// CheckSources returns an error for a source that is not among those defined: the known ones and those of the settings.
func (q Query) CheckSources(defined []signature.Source) error {
	for _, name := range q.Sources {
		if !slices.Contains(defined, signature.Source(name)) {
			return unknownSource(name, defined)
		}
	}
	return nil
}

func unknownSource(name string, defined []signature.Source) error {
	return known("sources", []string{name}, texts(defined))
}

// fits checks what only some types can use.
func (q Query) fits() error {
	if q.Limit < 0 || q.Limit > MaxLimit {
		return invalid("limit %d: use a number from 1 to %d, or 0 for the default", "limit %d 超出范围：请填写 1 到 %d，0 表示默认值", q.Limit, MaxLimit)
	}
	if len(q.States) > 0 && (q.QueryType == Alert || q.QueryType == Count) {
		// A filter on the state would drop the 0 rows that resolve alerts.
		return invalid("%s has no filter on states: it decides by the state itself; remove \"states\"", "%s 查询不能按状态筛选（其结果本身就取决于状态）：请去掉 states", q.QueryType)
	}
	if !q.viewFits() {
		return invalid("view %q does not fit a %s query", "view %q 不适用于 %s 查询", q.View, q.QueryType)
	}
	if !q.statFits() {
		return invalid("stat %q does not fit a %s query", "stat %q 不适用于 %s 查询", q.Stat, q.QueryType)
	}
	if q.QueryType == Steps && q.Incident == "" && len(q.Signatures) == 0 {
		return invalid("steps belong to an incident or a signature: choose one", "处置步骤属于某个事件或特征：请选择其一")
	}
	if q.QueryType == Changes && q.Incident == "" {
		return invalid("changes are those before an incident: choose one", "变化是指某个事件之前的变化：请选择事件")
	}
	if len(q.Line) > MaxLine {
		return invalid("the line has %d bytes: give at most %d", "日志行有 %d 字节：最多 %d 字节", len(q.Line), MaxLine)
	}
	if q.QueryType == Explain && strings.TrimSpace(q.Line) == "" {
		return invalid("there is no line to explain: give one in \"line\"", "没有要解释的日志行：请在 line 中给出")
	}
	if q.QueryType == Context && !q.stream() {
		return invalid("context is that of one stream: give matchers with = for all of its labels", "上下文属于一个日志流：请用 = 给出它的全部标签（matchers）")
	}
	return nil
}

// stream reports whether the matchers name the labels of a stream.
func (q Query) stream() bool {
	return len(q.Matchers) > 0 && !slices.ContainsFunc(q.Matchers, func(m logs.Matcher) bool { return m.Op != logs.Equal })
}

// viewFits reports whether the view is one of its query type.
func (q Query) viewFits() bool {
	switch q.View {
	case ViewBrief, ViewAll:
		return q.QueryType == Incidents
	case ViewDeciding:
		return q.QueryType == Evidence
	case ViewBefore, ViewAfter:
		return q.QueryType == Context
	}
	return true
}

// statFits reports whether the statistic is one of its query type; types without statistics ignore it.
func (q Query) statFits() bool {
	switch q.QueryType {
	case Count:
		return q.Stat == "" || q.Stat == StatActive || q.Stat == StatStarted || q.Stat == StatLines || q.Stat == StatHosts
	case Review:
		return q.Stat == "" || slices.Contains(Reviews(), q.Stat)
	case Timeline:
		return q.Stat == "" || q.Stat == StatActive || q.Stat == StatLines || q.Stat == StatLevels
	case Unmatched:
		return q.Stat == "" || q.Stat == StatClusters || q.Stat == StatCoverage || q.Stat == StatLines
	}
	return true
}

func known[T ~string](key string, have, want []T) error {
	for _, v := range have {
		if !slices.Contains(want, v) {
			return invalid("%s %q is unknown: use %s", "%s 的值 %q 未知：可用的值为 %s", key, string(v), strings.Join(texts(want), ", "))
		}
	}
	return nil
}

func texts[T ~string](list []T) []string {
	out := make([]string, len(list))
	for i, v := range list {
		out[i] = string(v)
	}
	return out
}

func matcherError(err error) error {
	var said *selector.Error
	if errors.As(err, &said) {
		return &Error{en: "matchers: " + said.Message("en"), zh: "标签过滤：" + said.Message(string(signature.ZH))}
	}
	return invalid("matchers: %v", "标签过滤：%v", err)
}
