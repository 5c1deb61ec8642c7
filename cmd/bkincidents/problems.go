package main

import (
	"cmp"
	"encoding/xml"
	"flag"
	"fmt"
	"slices"

	"github.com/jstemmer/go-junit-report/v2/junit"

	"github.com/blueking/incidents/pkg/signature"
)

// problems writes what is wrong with signature files: for people, for programs, and for the reports of a CI.
type problems struct {
	format *formatFlag
	lang   langFlag
}

func (p *problems) declare(flags *flag.FlagSet) {
	p.format = formats(flags, "lines", "json", "junit")
	flags.Var(&p.lang, "lang", "`language` of the texts: zh or en (default: that of LANG)")
}

// problem is one for programs. Line and column count from 1; 0 is not known.
type problem struct {
	File    string `json:"file"`
	Line    int    `json:"line"`
	Column  int    `json:"column"`
	ID      string `json:"id,omitempty"`
	Message string `json:"message"`
}

// write tells what was found by a command in files; junit also has a test case for each file without a problem.
func (p *problems) write(c console, command string, files []string, found []*signature.Problem) error {
	lang := string(p.lang.or(c))
	switch p.format.is {
	case "json":
		out := make([]problem, len(found))
		for i, f := range found {
			out[i] = problem{f.File, f.Line, f.Column, f.ID, f.Text(lang)}
		}
		return c.writeJSON(out)
	case "junit":
		return p.junit(c, command, files, found)
	}
	for _, f := range found {
		fmt.Fprintln(c.out, f.Message(lang))
	}
	return nil
}

func (p *problems) junit(c console, command string, files []string, found []*signature.Problem) error {
	wrong := map[string][]*signature.Problem{}
	for _, f := range found {
		wrong[f.File] = append(wrong[f.File], f)
	}
	names := slices.Clone(files)
	for file := range wrong {
		names = append(names, file)
	}
	slices.Sort(names)
	suite := junit.Testsuite{Name: "bkincidents " + command}
	for _, file := range slices.Compact(names) {
		name := cmp.Or(file, "all files")
		if len(wrong[file]) == 0 {
			suite.AddTestcase(junit.Testcase{Classname: suite.Name, Name: name})
		}
		for _, f := range wrong[file] {
			text := f.Message(string(p.lang.or(c)))
			suite.AddTestcase(junit.Testcase{Classname: suite.Name, Name: name, Failure: &junit.Result{Message: text, Data: text}})
		}
	}
	var all junit.Testsuites
	all.AddSuite(suite)
	fmt.Fprint(c.out, xml.Header)
	enc := xml.NewEncoder(c.out)
	enc.Indent("", "  ")
	if err := enc.Encode(all); err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	fmt.Fprintln(c.out)
	return nil
}
