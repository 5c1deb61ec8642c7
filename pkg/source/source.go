// Package source knows which logs there are. They are data: a row of sources.yaml adds one.
package source

import (
	"bytes"
	_ "embed"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"

	"go.yaml.in/yaml/v3"
)

// Name is a logical log source; the data source settings map it to stream selectors.
type Name string

// The sources that the program itself speaks of.
const (
	Nodeman Name = "nodeman"
	Agent   Name = "agent"
	Gateway Name = "bk-job-gateway"
)

// Row is what is known of a source.
type Row struct {
	Name  Name `yaml:"name"`
	Title struct {
		ZH string `yaml:"zh"`
		EN string `yaml:"en"`
	} `yaml:"title"`
	// Optional sources are off until a selector is configured for them.
	Optional bool `yaml:"optional"`
	// ErrorsOnly tells that the source is silent while all is well, as agent-err.log is: its silence says nothing
	// about whether its collector works.
	ErrorsOnly bool       `yaml:"errors_only"`
	Selectors  []Selector `yaml:"selectors"`
	// Files are parts of file names that tell the source.
	Files []FileHint `yaml:"files"`
	// Errors are literals of which every line of an error contains one.
	Errors []string `yaml:"errors"`
}

// Selector is where streams of a source are. OnHost tells that they were collected on the hosts that they are about.
type Selector struct {
	Selector string `yaml:"selector"`
	OnHost   bool   `yaml:"on_host"`
}

// FileHint is a part of a file's name, and whether such a file lies on the host that it is about.
type FileHint struct {
	Part   string `yaml:"part"`
	OnHost bool   `yaml:"on_host"`
}

//go:embed sources.yaml
var file []byte

// rows are read once; a test proves that the embedded file can be.
var rows = sync.OnceValue(func() []Row {
	var out []Row
	dec := yaml.NewDecoder(bytes.NewReader(file))
	dec.KnownFields(true)
	if err := dec.Decode(&out); err != nil {
		panic(fmt.Sprintf("sources.yaml: %v", err))
	}
	return out
})

// Rows lists the known sources in their order of display.
func Rows() []Row { return slices.Clone(rows()) }

// Names lists the known sources in their order of display.
func Names() []Name {
	out := make([]Name, len(rows()))
	for i, row := range rows() {
		out[i] = row.Name
	}
	return out
}

// Defaults lists the sources that are on without any setting.
func Defaults() []Name {
	var out []Name
	for _, row := range rows() {
		if !row.Optional {
			out = append(out, row.Name)
		}
	}
	return out
}

// Of returns the row of a source. Of a source that only the settings define it has the name and the defaults.
func Of(name Name) Row {
	for _, row := range rows() {
		if row.Name == name {
			return row
		}
	}
	row := Row{Name: name}
	row.Title.ZH, row.Title.EN = string(name), string(name)
	return row
}

// ErrorsOnly tells that a source is silent while all is well.
func (n Name) ErrorsOnly() bool { return Of(n).ErrorsOnly }

// ErrorLiterals are literals of which every line of an error of the source contains one.
func (n Name) ErrorLiterals() []string {
	if literals := Of(n).Errors; literals != nil {
		return literals
	}
	return []string{"ERROR"}
}

var wellFormed = regexp.MustCompile(`^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$`)

// MaxName bounds the name of a source that settings define, in bytes.
const MaxName = 40

// WellFormed tells that a name can be that of a source.
func WellFormed(name string) bool { return len(name) <= MaxName && wellFormed.MatchString(name) }

// Sort brings sources into their order of display: the known ones, then the others by name. Each is listed once.
func Sort(names []Name) []Name {
	known := Names()
	rank := func(n Name) int {
		if i := slices.Index(known, n); i >= 0 {
			return i
		}
		return len(known)
	}
	out := slices.Clone(names)
	slices.SortFunc(out, func(a, b Name) int {
		if d := rank(a) - rank(b); d != 0 {
			return d
		}
		return strings.Compare(string(a), string(b))
	})
	return slices.Compact(out)
}
