package collectors

import (
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"

	"github.com/grafana/alloy/syntax/ast"
	"github.com/grafana/alloy/syntax/parser"
	"github.com/grafana/alloy/syntax/token"
)

// LoadAlloy reads a configuration with Alloy's own parser. A component, block or attribute that this package does not
// know is an error, as is one that leads nowhere.
func LoadAlloy(file string, env map[string]string) (Config, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return Config{}, err
	}
	tree, err := parser.ParseFile(file, text)
	if err != nil {
		return Config{}, err
	}
	a := alloy{env: env, exports: map[string]bool{}}
	// Components may stand in any order: what they export is known before anything refers to it.
	for _, stmt := range tree.Body {
		if b, ok := stmt.(*ast.BlockStmt); ok {
			a.exports[strings.Join(b.Name, ".")+"."+b.Label] = true
		}
	}
	for _, stmt := range tree.Body {
		b, ok := stmt.(*ast.BlockStmt)
		if !ok {
			return Config{}, fmt.Errorf("%s: an attribute outside of components", file)
		}
		if err := a.component(b); err != nil {
			return Config{}, fmt.Errorf("%s: %s %q: %w", file, strings.Join(b.Name, "."), b.Label, err)
		}
	}
	a.config.ScrapeConfigs = []Scrape{a.scrape}
	return a.config, nil
}

// alloy collects what the components of one file say. Our files have one way from targets to Loki.
type alloy struct {
	env     map[string]string
	exports map[string]bool
	scrape  Scrape
	config  Config
}

func (a *alloy) component(b *ast.BlockStmt) error {
	switch strings.Join(b.Name, ".") {
	case "discovery.kubernetes":
		return a.discovery(b.Body)
	case "discovery.relabel":
		return a.relabel(b.Body)
	case "local.file_match":
		return a.fileMatch(b.Body)
	case "loki.source.file":
		_, err := a.attributes(b.Body, "targets", "forward_to")
		return err
	case "loki.source.kafka":
		v, err := a.attributes(b.Body, "brokers", "topics", "group_id", "use_incoming_timestamp", "forward_to")
		for _, topic := range stringsOf(v["topics"]) {
			// A message is a line of a file with the topic's name, which is no label.
			a.scrape.Static = append(a.scrape.Static, Static{Labels: map[string]string{"__path__": topic, "__topic__": topic}})
		}
		return err
	case "loki.process":
		return a.process(b.Body)
	case "loki.write":
		return a.write(b.Body)
	}
	return fmt.Errorf("unknown component")
}

func (a *alloy) discovery(body ast.Body) error {
	values, err := a.attributes(body, "role", "namespaces{")
	if err != nil {
		return err
	}
	kubernetes := Kubernetes{Role: fmt.Sprint(values["role"])}
	err = a.blocks(body, "namespaces", func(inner ast.Body) error {
		names, err := a.attributes(inner, "names")
		kubernetes.Namespaces.Names = stringsOf(names["names"])
		return err
	})
	a.scrape.Kubernetes = append(a.scrape.Kubernetes, kubernetes)
	return err
}

func (a *alloy) relabel(body ast.Body) error {
	if _, err := a.attributes(body, "targets", "rule{"); err != nil {
		return err
	}
	return a.blocks(body, "rule", func(inner ast.Body) error {
		v, err := a.attributes(inner, "source_labels", "regex", "action", "target_label", "separator", "replacement")
		if err != nil {
			return err
		}
		text := func(name string) string { s, _ := v[name].(string); return s }
		if _, err := regexp.Compile(text("regex")); err != nil {
			return err
		}
		a.scrape.Relabel = append(a.scrape.Relabel, Relabel{
			Source: stringsOf(v["source_labels"]), Regex: text("regex"), Action: text("action"), Target: text("target_label"),
			Separator: text("separator"), Replacement: text("replacement"),
		})
		return nil
	})
}

func (a *alloy) fileMatch(body ast.Body) error {
	v, err := a.attributes(body, "path_targets")
	if err != nil {
		return err
	}
	targets, _ := v["path_targets"].([]any) // a reference to discovered targets has none of its own
	for _, target := range targets {
		a.scrape.Static = append(a.scrape.Static, Static{Labels: textsOf(target)})
	}
	return nil
}

func (a *alloy) process(body ast.Body) error {
	if _, err := a.attributes(body, "forward_to", "stage.cri{", "stage.json{", "stage.labels{", "stage.label_drop{", "stage.match{"); err != nil {
		return err
	}
	for _, stmt := range body {
		b, ok := stmt.(*ast.BlockStmt)
		if !ok {
			continue
		}
		stage, err := a.stage(strings.Join(b.Name, "."), b.Body)
		if err != nil {
			return err
		}
		a.scrape.Stages = append(a.scrape.Stages, stage)
	}
	return nil
}

func (a *alloy) stage(name string, body ast.Body) (Stage, error) {
	switch name {
	case "stage.cri":
		_, err := a.attributes(body)
		return Stage{CRI: &struct{}{}}, err
	case "stage.label_drop":
		v, err := a.attributes(body, "values")
		return Stage{LabelDrop: stringsOf(v["values"])}, err
	case "stage.json":
		v, err := a.attributes(body, "expressions")
		return Stage{JSON: textsOf(v["expressions"])}, err
	case "stage.labels":
		v, err := a.attributes(body, "values")
		return Stage{Labels: textsOf(v["values"])}, err
	}
	return a.match(body)
}

func (a *alloy) match(body ast.Body) (Stage, error) {
	v, err := a.attributes(body, "selector", "stage.multiline{", "stage.label_drop{", "stage.static_labels{")
	if err != nil {
		return Stage{}, err
	}
	match := &Match{Selector: fmt.Sprint(v["selector"])}
	err = a.blocks(body, "stage.multiline", func(inner ast.Body) error {
		m, err := a.attributes(inner, "firstline", "max_wait_time", "max_lines")
		if err != nil {
			return err
		}
		lines, err := strconv.Atoi(fmt.Sprint(m["max_lines"]))
		match.Stages = append(match.Stages, MatchStage{Multiline: &Multiline{FirstLine: fmt.Sprint(m["firstline"]), MaxWait: fmt.Sprint(m["max_wait_time"]), MaxLines: lines}})
		return err
	})
	if err != nil {
		return Stage{}, err
	}
	err = a.blocks(body, "stage.label_drop", func(inner ast.Body) error {
		d, err := a.attributes(inner, "values")
		match.Stages = append(match.Stages, MatchStage{LabelDrop: stringsOf(d["values"])})
		return err
	})
	if err != nil {
		return Stage{}, err
	}
	err = a.blocks(body, "stage.static_labels", func(inner ast.Body) error {
		l, err := a.attributes(inner, "values")
		match.Stages = append(match.Stages, MatchStage{StaticLabels: textsOf(l["values"])})
		return err
	})
	return Stage{Match: match}, err
}

func (a *alloy) write(body ast.Body) error {
	v, err := a.attributes(body, "external_labels", "endpoint{")
	if err != nil {
		return err
	}
	client := Client{ExternalLabels: textsOf(v["external_labels"])}
	err = a.blocks(body, "endpoint", func(inner ast.Body) error {
		e, err := a.attributes(inner, "url")
		client.URL = fmt.Sprint(e["url"])
		return err
	})
	a.config.Clients = append(a.config.Clients, client)
	return err
}

// attributes evaluates the attributes of a body; known names that end in { are blocks.
func (a *alloy) attributes(body ast.Body, known ...string) (map[string]any, error) {
	out := map[string]any{}
	is := func(name string) bool {
		for _, k := range known {
			if k == name {
				return true
			}
		}
		return false
	}
	for _, stmt := range body {
		switch s := stmt.(type) {
		case *ast.AttributeStmt:
			if !is(s.Name.Name) {
				return nil, fmt.Errorf("unknown attribute %s", s.Name.Name)
			}
			value, err := a.value(s.Value)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", s.Name.Name, err)
			}
			out[s.Name.Name] = value
		case *ast.BlockStmt:
			if name := strings.Join(s.Name, "."); !is(name + "{") {
				return nil, fmt.Errorf("unknown block %s", name)
			}
		}
	}
	return out, nil
}

func (a *alloy) blocks(body ast.Body, name string, each func(ast.Body) error) error {
	for _, stmt := range body {
		if b, ok := stmt.(*ast.BlockStmt); ok && strings.Join(b.Name, ".") == name {
			if err := each(b.Body); err != nil {
				return err
			}
		}
	}
	return nil
}

// value evaluates what our files use of the language: literals, lists, objects, +, sys.env, and references to exports.
func (a *alloy) value(expr ast.Expr) (any, error) {
	switch e := expr.(type) {
	case *ast.LiteralExpr:
		if e.Kind == token.STRING {
			return strconv.Unquote(e.Value)
		}
		return e.Value, nil
	case *ast.ArrayExpr:
		out := make([]any, 0, len(e.Elements))
		for _, element := range e.Elements {
			v, err := a.value(element)
			if err != nil {
				return nil, err
			}
			out = append(out, v)
		}
		return out, nil
	case *ast.ObjectExpr:
		out := map[string]any{}
		for _, field := range e.Fields {
			v, err := a.value(field.Value)
			if err != nil {
				return nil, err
			}
			out[field.Name.Name] = v
		}
		return out, nil
	case *ast.BinaryExpr:
		left, err := a.value(e.Left)
		if err != nil {
			return nil, err
		}
		right, err := a.value(e.Right)
		if err != nil || e.Kind != token.ADD {
			return nil, fmt.Errorf("operator %s: %w", e.Kind, err)
		}
		return fmt.Sprint(left) + fmt.Sprint(right), nil
	case *ast.CallExpr:
		if reference(e.Value) != "sys.env" || len(e.Args) != 1 {
			return nil, fmt.Errorf("unknown function %s", reference(e.Value))
		}
		name, err := a.value(e.Args[0])
		return a.env[fmt.Sprint(name)], err
	case *ast.AccessExpr:
		if name := reference(e.Value); !a.exports[name] {
			return nil, fmt.Errorf("no component %s", name)
		}
		return reference(e), nil
	}
	return nil, fmt.Errorf("an expression that the test does not know: %T", expr)
}

// reference writes a reference as it stands in the file.
func reference(expr ast.Expr) string {
	switch e := expr.(type) {
	case *ast.IdentifierExpr:
		return e.Ident.Name
	case *ast.AccessExpr:
		return reference(e.Value) + "." + e.Name.Name
	}
	return ""
}

func stringsOf(value any) []string {
	list, _ := value.([]any)
	out := make([]string, 0, len(list))
	for _, v := range list {
		out = append(out, fmt.Sprint(v))
	}
	return out
}

func textsOf(value any) map[string]string {
	object, _ := value.(map[string]any)
	out := make(map[string]string, len(object))
	for name, v := range object {
		out[name] = fmt.Sprint(v)
	}
	return out
}
