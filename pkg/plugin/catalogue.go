package plugin

import (
	"slices"

	"github.com/blueking/incidents/pkg/signature"
)

// customFile is what messages call the YAML text in the data source settings.
const customFile = "signatures"

var (
	idOfShipped = signature.Phrase{EN: "the id is that of a shipped signature: choose another", ZH: "该 id 与内置特征重复：请换一个"}
	idOfCustom  = signature.Phrase{EN: "the id is that of another custom signature: choose another", ZH: "该 id 与另一个自定义特征重复：请换一个"}
)

// catalogue is the shipped signatures and those that the user added.
type catalogue struct {
	set *signature.Set
	// shipped are those of the plugin.
	shipped []*signature.Signature
	// custom are the ids of the user's.
	custom map[string]bool
	// problems are what is wrong with the user's text.
	problems []*signature.Problem
}

// loadCatalogue reads the user's signatures beside the shipped ones. What is broken is left out and reported: a typo
// in the settings must not switch off every alert. A source that is not defined is broken, too: its signature would be
// silent and look well.
func loadCatalogue(shipped []*signature.Signature, text string, defined []signature.Source) (catalogue, error) {
	c := catalogue{shipped: shipped, custom: map[string]bool{}}
	added, err := signature.Parse(customFile, []byte(text))
	c.problems = signature.Problems(err)
	all := slices.Clone(shipped)
	for _, sig := range added {
		if i := slices.IndexFunc(all, func(have *signature.Signature) bool { return have.ID == sig.ID }); i >= 0 {
			what := idOfShipped
			if c.custom[sig.ID] {
				what = idOfCustom
			}
			c.problems = append(c.problems, &signature.Problem{File: customFile, ID: sig.ID, Path: "id", What: what})
			continue
		}
		if undefined := sig.Undefined(defined); len(undefined) > 0 {
			c.problems = append(c.problems, undefined...)
			continue
		}
		c.custom[sig.ID] = true
		all = append(all, sig)
	}
	signature.Locate(c.problems, []byte(text))
	c.set, err = signature.NewSet(all...)
	return c, err
}

// texts are the problems, for people.
func (c catalogue) texts(lang signature.Lang) []string {
	out := make([]string, len(c.problems))
	for i, p := range c.problems {
		out[i] = p.Message(string(lang))
	}
	return out
}
