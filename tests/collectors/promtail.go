package collectors

import (
	"bytes"
	"fmt"
	"os"
	"path"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Config is a collector's configuration with the keys of Promtail's that we use; Promtail refuses others.
type Config struct {
	Server        map[string]bool   `yaml:"server"`
	Positions     map[string]string `yaml:"positions"`
	Clients       []Client          `yaml:"clients"`
	ScrapeConfigs []Scrape          `yaml:"scrape_configs"`
}

// Client is a Loki to push to.
type Client struct {
	URL            string            `yaml:"url"`
	ExternalLabels map[string]string `yaml:"external_labels"`
}

// Scrape is one way to find files.
type Scrape struct {
	JobName    string       `yaml:"job_name"`
	Kubernetes []Kubernetes `yaml:"kubernetes_sd_configs"`
	Static     []Static     `yaml:"static_configs"`
	Relabel    []Relabel    `yaml:"relabel_configs"`
	Stages     []Stage      `yaml:"pipeline_stages"`
}

// Kubernetes discovers pods.
type Kubernetes struct {
	Role       string `yaml:"role"`
	Namespaces struct {
		Names []string `yaml:"names"`
	} `yaml:"namespaces"`
}

// Static are files by their path.
type Static struct {
	Labels map[string]string `yaml:"labels"`
}

// Load reads a configuration as Promtail does with -config.expand-env=true.
func Load(file string, env map[string]string) (Config, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return Config{}, err
	}
	dec := yaml.NewDecoder(strings.NewReader(expand(string(text), env)))
	dec.KnownFields(true)
	var p Config
	if err := dec.Decode(&p); err != nil {
		return Config{}, fmt.Errorf("%s: %w", file, err)
	}
	return p, nil
}

// expand replaces ${NAME} by the environment's value and $$ by a dollar. A single backslash is lost, as in Promtail.
func expand(text string, env map[string]string) string {
	var out bytes.Buffer
	for _, line := range strings.SplitAfter(text, "\n") {
		if strings.HasPrefix(strings.TrimSpace(line), "#") {
			continue
		}
		out.WriteString(os.Expand(strings.ReplaceAll(line, `\`, ""), func(name string) string {
			if name == "$" {
				return "$"
			}
			return env[name]
		}))
	}
	return out.String()
}

// targets are the label sets under which a file is read: one per target whose path it matches.
func (s Scrape) targets(f File) ([]map[string]string, error) {
	var all []map[string]string
	for _, static := range s.Static {
		all = append(all, clone(static.Labels))
	}
	if len(s.Kubernetes) > 0 && f.Discovered != nil {
		all = append(all, clone(f.Discovered))
	}
	var out []map[string]string
	for _, labels := range all {
		kept := true
		for _, r := range s.Relabel {
			kept = kept && r.Apply(labels)
		}
		if !kept {
			continue
		}
		read, err := glob(labels["__path__"], f.Path)
		if err != nil {
			return nil, err
		}
		excluded, err := glob(labels["__path_exclude__"], f.Path)
		if err != nil {
			return nil, err
		}
		if !read || excluded {
			continue
		}
		visible := map[string]string{"filename": f.Path}
		if labels["__topic__"] != "" { // not a file
			delete(visible, "filename")
		}
		for name, value := range labels {
			if !strings.HasPrefix(name, "__") && value != "" {
				visible[name] = value
			}
		}
		out = append(out, visible)
	}
	return out, nil
}

// braces are the alternatives {a,b} of a pattern, which both collectors know.
var braces = regexp.MustCompile(`\{([^{}]*)\}`)

// glob matches a path of either kind of system with a collector's pattern.
func glob(pattern, file string) (bool, error) {
	if loc := braces.FindStringSubmatchIndex(pattern); loc != nil {
		for _, one := range strings.Split(pattern[loc[2]:loc[3]], ",") {
			if ok, err := glob(pattern[:loc[0]]+one+pattern[loc[1]:], file); ok || err != nil {
				return ok, err
			}
		}
		return false, nil
	}
	// A backslash separates folders on Windows, where nothing is escaped.
	return path.Match(strings.ReplaceAll(pattern, `\`, "/"), strings.ReplaceAll(file, `\`, "/"))
}

func clone(m map[string]string) map[string]string {
	out := make(map[string]string, len(m))
	for k, v := range m {
		out[k] = v
	}
	return out
}

// Relabel is a rule of Prometheus' relabelling, with the two actions that we use: replace and keep.
type Relabel struct {
	Source      []string `yaml:"source_labels"`
	Separator   string   `yaml:"separator"`
	Regex       string   `yaml:"regex"`
	Action      string   `yaml:"action"`
	Target      string   `yaml:"target_label"`
	Replacement string   `yaml:"replacement"`
}

// Apply changes the labels of a target; false drops it.
func (r Relabel) Apply(labels map[string]string) bool {
	values := make([]string, len(r.Source))
	for i, name := range r.Source {
		values[i] = labels[name]
	}
	separator, pattern, replacement := r.Separator, r.Regex, r.Replacement
	if separator == "" {
		separator = ";"
	}
	if pattern == "" {
		pattern = "(.*)"
	}
	if replacement == "" {
		replacement = "$1"
	}
	re := regexp.MustCompile("^(?:" + pattern + ")$")
	joined := strings.Join(values, separator)
	m := re.FindStringSubmatchIndex(joined)
	if r.Action == "keep" {
		return m != nil
	}
	if m != nil {
		labels[r.Target] = string(re.ExpandString(nil, replacement, joined, m))
	}
	return true
}
