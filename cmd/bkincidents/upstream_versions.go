package main

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// edition is the version of a checkout, as numbers; empty is the newest: a branch such as main has no number.
type edition []int

var numbers = regexp.MustCompile(`\d+(?:\.\d+)*`)

// editionOf reads the version in the name of a tag, a branch or a folder: v2.4.7, 3.9.x, branch-3.4, bk-nodeman-2.3.6.
func editionOf(name string) edition {
	var out edition
	for part := range strings.SplitSeq(numbers.FindString(name), ".") {
		if n, err := strconv.Atoi(part); err == nil {
			out = append(out, n)
		}
	}
	return out
}

func (v edition) String() string {
	if len(v) == 0 {
		return "newest"
	}
	return strings.ReplaceAll(strings.Trim(fmt.Sprint([]int(v)), "[]"), " ", ".")
}

// compare compares as far as the bound goes: the branch 3.9 is within <=3.9, as 3.9.4 is.
func (v edition) compare(bound edition) int {
	if len(v) == 0 {
		return 1
	}
	for i, n := range bound {
		have := 0
		if i < len(v) {
			have = v[i]
		}
		if have != n {
			return have - n
		}
	}
	return 0
}

var clause = regexp.MustCompile(`^(>=|<=|>|<)(\d+(?:\.\d+)*)$`)

// in tells that a version is in a range such as `>=2.3 <2.4`. The empty range has every version.
func (v edition) in(bounds string) (bool, error) {
	for part := range strings.FieldsSeq(bounds) {
		m := clause.FindStringSubmatch(part)
		if m == nil {
			return false, fmt.Errorf("versions %q: write it like '>=2.3 <2.4'", bounds)
		}
		d := v.compare(editionOf(m[2]))
		if m[1] == ">=" && d < 0 || m[1] == ">" && d <= 0 || m[1] == "<=" && d > 0 || m[1] == "<" && d >= 0 {
			return false, nil
		}
	}
	return true, nil
}
