package selector

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/prometheus/common/model"

	"github.com/blueking/incidents/pkg/logs"
)

// MaxLength bounds a selector in bytes. Loki takes 131071 bytes for a whole query; a selector of this size leaves
// the filters room.
const MaxLength = 16 << 10

// Parse reads a stream selector. Like Loki it wants at least one matcher that does not accept the empty value,
// because a selector without one would read every stream of the store.
func Parse(text string) (Selector, error) {
	if len(text) > MaxLength {
		return Selector{}, fail(0, "the selector has %d bytes, more than %d: shorten it", "选择器有 %d 字节，超过上限 %d：请缩短", len(text), MaxLength)
	}
	if !utf8.ValidString(text) {
		return Selector{}, fail(0, "the selector is not UTF-8 text: type it again", "选择器不是 UTF-8 文本：请重新输入")
	}
	p := parser{text: text}
	s, err := p.selector()
	if err != nil {
		return Selector{}, within(text, err)
	}
	if s.Required() == "" {
		return Selector{}, fail(0, `the selector would select every stream: add a matcher with a value, such as namespace="blueking"`,
			`选择器会选中所有日志流：请加上带值的标签条件，例如 namespace="blueking"`)
	}
	return s, nil
}

type parser struct {
	text string
	pos  int
	// labels is set for the labels of a stream: names may be quoted, and nothing is compiled.
	labels bool
}

func (p *parser) selector() (Selector, error) {
	if !p.take("{") {
		return Selector{}, fail(p.pos, `a selector starts with "{"`, `选择器必须以 "{" 开头`)
	}
	var s Selector
	for {
		m, err := p.matcher()
		if err != nil {
			return Selector{}, err
		}
		s.matchers = append(s.matchers, m)
		if p.take(",") {
			continue
		}
		if !p.take("}") {
			return Selector{}, fail(p.pos, `"," or "}" is missing`, `缺少 "," 或 "}"`)
		}
		break
	}
	if p.space(); p.pos < len(p.text) {
		return Selector{}, fail(p.pos, `there is text after "}": give only a stream selector, filters come from the signatures`,
			`"}" 之后还有内容：这里只填日志流选择器，过滤条件由特征库生成`)
	}
	return s, nil
}

func (p *parser) matcher() (matcher, error) {
	p.space()
	at := p.pos
	for p.pos < len(p.text) && nameByte(p.text[p.pos], p.pos == at) {
		p.pos++
	}
	m := logs.Matcher{Name: p.text[at:p.pos]}
	if m.Name == "" && p.labels {
		name, err := p.value()
		if err != nil {
			return matcher{}, err
		}
		m.Name = name
	}
	if m.Name == "" {
		return matcher{}, fail(at, "a label name is missing", "缺少标签名")
	}
	switch {
	case p.take("=~"):
		m.Op = logs.Regexp
	case p.take("!~"):
		m.Op = logs.NotRegexp
	case p.take("!="):
		m.Op = logs.NotEqual
	case p.take("="):
		m.Op = logs.Equal
	default:
		return matcher{}, fail(p.pos, "after label %s one of =, !=, =~, !~ is missing", "标签 %s 之后缺少 =、!=、=~ 或 !~", m.Name)
	}
	value, err := p.value()
	if err != nil {
		return matcher{}, err
	}
	m.Value = value
	if p.labels {
		return matcher{Matcher: m}, nil
	}
	return compile(m, at)
}

// value reads a string in double quotes (with Go's escapes) or in backticks (raw).
func (p *parser) value() (string, error) {
	p.space()
	at := p.pos
	if at == len(p.text) || p.text[at] != '"' && p.text[at] != '`' {
		return "", fail(at, "a value in double quotes or backticks is missing", "缺少用双引号或反引号括起的值")
	}
	quote := p.text[at]
	for p.pos++; p.pos < len(p.text); p.pos++ {
		switch c := p.text[p.pos]; {
		case c == '\\' && quote == '"':
			p.pos++
		case c == quote:
			p.pos++
			value, err := strconv.Unquote(p.text[at:p.pos])
			if err != nil {
				return "", fail(at, `the quoted value is not valid: write a backslash as \\, or use backticks`,
					`引号中的值无效：反斜杠要写成 \\，或改用反引号`)
			}
			return value, nil
		}
	}
	return "", fail(at, "the closing quote is missing", "缺少结尾的引号")
}

func (p *parser) take(token string) bool {
	p.space()
	if !strings.HasPrefix(p.text[p.pos:], token) {
		return false
	}
	p.pos += len(token)
	return true
}

func (p *parser) space() {
	for p.pos < len(p.text) && strings.IndexByte(" \t\r\n", p.text[p.pos]) >= 0 {
		p.pos++
	}
}

// ParseLabels reads the labels of one stream as Loki writes them: a selector with only = in it. It may select
// every stream, which Parse refuses, and a name that is no LogQL identifier may be quoted, as Prometheus prints it.
func ParseLabels(text string) (model.LabelSet, error) {
	p := parser{text: text, labels: true}
	labels := model.LabelSet{}
	if strings.TrimSpace(text) == "{}" {
		return labels, nil
	}
	s, err := p.selector()
	if err != nil {
		return nil, err
	}
	for _, m := range s.matchers {
		if m.Op != logs.Equal {
			return nil, fail(0, "label %s of a stream has no fixed value", "日志流的标签 %s 没有确定的值", m.Name)
		}
		if _, twice := labels[model.LabelName(m.Name)]; twice {
			return nil, fail(0, "label %s of a stream is given twice", "日志流的标签 %s 出现了两次", m.Name)
		}
		labels[model.LabelName(m.Name)] = model.LabelValue(m.Value)
	}
	return labels, nil
}
