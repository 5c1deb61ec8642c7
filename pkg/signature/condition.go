package signature

import (
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Condition decides on captures: clauses joined by `and`, alternatives of those by `or`, without parentheses.
// A clause is `ref is KIND`, `ref is not KIND`, `ref == value` or `ref != value`; KIND is ip, domain or set.
type Condition struct {
	Raw  string
	anys [][]clause
}

type clause struct {
	ref   Ref
	kind  string // ip, domain, set, or "" to compare with value
	value string
	not   bool
}

var clausePattern = regexp.MustCompile(`^([a-z][a-z0-9_]*(?:\.[a-z]+)?)\s+(?:(is not|is)\s+(ip|domain|set)|(==|!=)\s+"?([^"]*?)"?)$`)

// ParseCondition reads a condition.
func ParseCondition(raw string) (Condition, error) {
	c := Condition{Raw: raw}
	if strings.TrimSpace(raw) == "" {
		return c, nil
	}
	for _, alternative := range strings.Split(raw, " or ") {
		var all []clause
		for _, text := range strings.Split(alternative, " and ") {
			m := clausePattern.FindStringSubmatch(strings.TrimSpace(text))
			if m == nil {
				return Condition{}, wrong(badCondition, raw)
			}
			all = append(all, clause{ref: Ref(m[1]), kind: m[3], value: m[5], not: m[2] == "is not" || m[4] == "!="})
		}
		c.anys = append(c.anys, all)
	}
	return c, nil
}

// UnmarshalYAML reads a condition from a scalar.
func (c *Condition) UnmarshalYAML(node *yaml.Node) error {
	parsed, err := ParseCondition(node.Value)
	if err != nil {
		return placed(node, err)
	}
	*c = parsed
	return nil
}

// Refs lists the captures that the condition looks at.
func (c Condition) Refs() []Ref {
	var refs []Ref
	for _, all := range c.anys {
		for _, cl := range all {
			refs = append(refs, cl.ref)
		}
	}
	return refs
}

// IsZero reports whether the condition is empty, that is always true.
func (c Condition) IsZero() bool { return len(c.anys) == 0 }

// Holds evaluates the condition; a ref that has no value is "".
func (c Condition) Holds(value func(Ref) string) bool {
	if c.IsZero() {
		return true
	}
	for _, all := range c.anys {
		holds := true
		for _, cl := range all {
			holds = holds && cl.holds(value(cl.ref))
		}
		if holds {
			return true
		}
	}
	return false
}

func (cl clause) holds(v string) bool {
	var is bool
	switch cl.kind {
	case "ip":
		is = Valid(IP, v)
	case "domain":
		is = Valid(Host, v) && !Valid(IP, v)
	case "set":
		is = v != ""
	default:
		is = v == cl.value
	}
	return is != cl.not
}
