package incident

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/blueking/incidents/pkg/signature"
)

// Step is a remediation step with the values of an incident filled in.
type Step struct {
	ID      string
	RunOn   string
	Risk    signature.Risk
	Text    string
	Command string
	Verify  string
	// Missing says for every value that is not in Command why it is not.
	Missing []string
	// LinkTitle and Link are the document for the BlueKing version, or "".
	LinkTitle, Link string
}

// Rendering says in which language and for which BlueKing version to render, and how the place it goes to wants
// foreign text escaped.
type Rendering struct {
	Lang    signature.Lang
	Version string
	// Escape makes a value from a log line safe in Text, RunOn and Verify; nil leaves it as plain text.
	Escape func(string) string
}

// Steps renders the steps of a signature that apply to captured values. values may be nil: then every value is
// missing and steps with a condition on them are all shown.
func Steps(sig *signature.Signature, values map[string]string, r Rendering) []Step {
	return steps(sig, following(sig.Remediation, ""), values, r)
}

// following brings steps into the order that a proven hypothesis asks for: its cures first, then what helps whatever the
// cause. What cures another one, and what would tell them apart, is left out. What destroys is last in any case: nobody
// should meet it before what is safe to try.
func following(defs []signature.Step, proven string) []signature.Step {
	var cures, others, destructive []signature.Step
	for _, def := range defs {
		own := slices.Contains(def.For, proven)
		switch {
		case proven != "" && (def.Decides || len(def.For) > 0 && !own):
		case def.Risk == signature.Destructive:
			destructive = append(destructive, def)
		case own:
			cures = append(cures, def)
		default:
			others = append(others, def)
		}
	}
	return slices.Concat(cures, others, destructive)
}

// Proven is the hypothesis that evidence from the logs speaks for, and for no other as much; "" while nothing is known.
func (i *Incident) Proven() string {
	if len(i.Hypotheses) == 0 || i.Verdict == Refuted {
		return ""
	}
	first := i.Hypotheses[0]
	if len(i.Hypotheses) > 1 && i.Hypotheses[1].Score >= first.Score {
		return ""
	}
	for _, name := range first.For {
		for k := range first.Definition.For {
			if w := &first.Definition.For[k]; w.Signature == name && w.Signature != "" || w.Term == name && w.Term != "" {
				return first.Definition.ID
			}
		}
	}
	return ""
}

func steps(sig *signature.Signature, defs []signature.Step, values map[string]string, r Rendering) []Step {
	types := sig.VarTypes()
	var out []Step
	for _, def := range defs {
		if len(def.Versions) > 0 && r.Version != "" && !slices.Contains(def.Versions, r.Version) {
			continue
		}
		if values != nil && !def.When.Holds(func(ref signature.Ref) string { return signature.Lookup(ref, values) }) {
			continue
		}
		step := Step{
			ID: def.ID, Risk: def.Risk,
			RunOn:  r.text(def.RunOn, values),
			Text:   r.text(def.Text, values),
			Verify: r.text(def.Verify, values),
		}
		step.Command, step.Missing = command(def.Command, values, types, r.Lang)
		step.LinkTitle, step.Link = link(sig, def.Reference, r)
		out = append(out, step)
	}
	return out
}

// Steps renders the remediation of an incident.
func (i *Incident) Steps(r Rendering) []Step {
	return steps(i.Signature, following(i.Signature.Remediation, i.Proven()), i.values(), r)
}

// Render renders a text of an incident.
func (i *Incident) Render(t signature.Text, r Rendering) string { return r.text(t, i.values()) }

func (i *Incident) plain(t signature.Template) string { return Rendering{}.prose(t, i.values()) }

func (r Rendering) text(t signature.Text, values map[string]string) string {
	return r.prose(t.In(r.Lang), values)
}

// prose renders a template. What stands in parentheses only to say a value goes where the value is not known: "(<port>)"
// tells nobody anything. Without an incident, when values is nil, it tells what will stand there.
func (r Rendering) prose(t signature.Template, values map[string]string) string {
	var unknown []string
	text := t.Render(func(ref signature.Ref) string {
		v := orPlaceholder(ref, values)
		if r.Escape != nil {
			v = r.Escape(v)
		}
		if values != nil && signature.Lookup(ref, values) == "" {
			unknown = append(unknown, "（"+v+"）", "", " ("+v+")", "")
		}
		return v
	})
	return strings.NewReplacer(unknown...).Replace(text)
}

// orPlaceholder returns a value fit for one line of text, or a placeholder.
func orPlaceholder(ref signature.Ref, values map[string]string) string {
	v := signature.Lookup(ref, values)
	if v == "" {
		return ref.Placeholder()
	}
	return OneLine(v, 200)
}

// Fence is text in a Markdown code block at an indentation. The fence is longer than any run of backticks in the text, so
// that foreign text cannot end it.
func Fence(language, text, indent string) string {
	mark := "```"
	for strings.Contains(text, mark) {
		mark += "`"
	}
	return indent + strings.ReplaceAll(mark+language+"\n"+text+"\n"+mark, "\n", "\n"+indent)
}

// OneLine replaces control characters and invalid UTF-8 and cuts a text at a number of bytes.
func OneLine(s string, limit int) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == '\u2028' || r == '\u2029' {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
	if len(s) > limit {
		cut := limit
		for cut > 0 && s[cut]&0xC0 == 0x80 {
			cut--
		}
		s = s[:cut] + "…"
	}
	return s
}

// command fills in a command. A value goes in only when it is of its type, and then shell-quoted; otherwise its
// placeholder stays, quoted too so that a pasted command fails instead of redirecting from a file.
func command(t signature.Template, values map[string]string, types map[string]signature.VarType, lang signature.Lang) (string, []string) {
	if t.IsZero() {
		return "", nil
	}
	var missing []string
	text := t.RenderAfter(func(ref signature.Ref, before string) string {
		v := signature.Lookup(ref, values)
		kind := signature.TypeOf(ref, types)
		switch {
		case v == "":
			missing = append(missing, notKnown(ref, lang))
		case !signature.Valid(kind, v):
			missing = append(missing, notValid(ref, kind, lang))
		case strings.HasSuffix(before, "://") && strings.Contains(v, ":") && signature.Valid(signature.IP, v):
			return ShellQuote("[" + strings.Trim(v, "[]") + "]") // an IPv6 address in a URL
		default:
			return ShellQuote(v)
		}
		return ShellQuote(ref.Placeholder())
	})
	return text, missing
}

func notKnown(ref signature.Ref, lang signature.Lang) string {
	if lang == signature.EN {
		return fmt.Sprintf("%s: not in the log lines; fill it in", ref.Placeholder())
	}
	return fmt.Sprintf("%s：日志中没有这个值，请自行填写", ref.Placeholder())
}

func notValid(ref signature.Ref, kind signature.VarType, lang signature.Lang) string {
	if lang == signature.EN {
		return fmt.Sprintf("%s: the value in the log is not a valid %s and was left out for safety", ref.Placeholder(), kind)
	}
	return fmt.Sprintf("%s：日志中的值不是合法的 %s，为安全起见没有填入", ref.Placeholder(), kind)
}

var shellSafe = regexp.MustCompile(`^[A-Za-z0-9_./:@%+,=][A-Za-z0-9_./:@%+,=-]*$`)

// ShellQuote quotes a word for POSIX shells. A word that needs no quotes stays readable.
func ShellQuote(s string) string {
	if shellSafe.MatchString(s) {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

// link returns title and URL of a reference for a BlueKing version, or of the newest version that has one.
func link(sig *signature.Signature, id string, r Rendering) (string, string) {
	for _, ref := range sig.References {
		if ref.ID == id && id != "" {
			return r.text(ref.Title, nil), ReferenceURL(ref, r.Version)
		}
	}
	return "", ""
}

// ReferenceURL returns the URL of a reference for a BlueKing version; where it has none, the newest one's.
func ReferenceURL(ref signature.Reference, version string) string {
	for _, v := range []string{version, "7.2", "7.1", "7.0", "7.3"} {
		if u := ref.URL[v]; u != "" {
			return u
		}
	}
	return ""
}
