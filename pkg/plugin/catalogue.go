package plugin

import (
	"fmt"
	"slices"

	"github.com/blueking/incidents/pkg/signature"
)

// customFile is what messages call the YAML text in the data source settings.
const customFile = "signatures"

// catalogue is the shipped signatures and those that the user added.
type catalogue struct {
	set *signature.Set
	// custom are the ids of the user's.
	custom map[string]bool
	// problems are what is wrong with the user's text.
	problems []*signature.Problem
}

// loadCatalogue reads the user's signatures beside the shipped ones. What is broken is left out and reported: a typo
// in the settings must not switch off every alert.
func loadCatalogue(shipped []*signature.Signature, text string) (catalogue, error) {
	c := catalogue{custom: map[string]bool{}}
	added, err := signature.Parse(customFile, []byte(text))
	c.problems = signature.Problems(err)
	all := slices.Clone(shipped)
	for _, sig := range added {
		if i := slices.IndexFunc(all, func(have *signature.Signature) bool { return have.ID == sig.ID }); i >= 0 {
			where := "a shipped signature"
			if c.custom[sig.ID] {
				where = "another custom signature"
			}
			c.problems = append(c.problems, &signature.Problem{File: customFile, ID: sig.ID, Message: fmt.Sprintf("the id is that of %s: choose another", where)})
			continue
		}
		c.custom[sig.ID] = true
		all = append(all, sig)
	}
	c.set, err = signature.NewSet(all...)
	return c, err
}

// texts are the problems, for people.
func (c catalogue) texts() []string {
	out := make([]string, len(c.problems))
	for i, p := range c.problems {
		out[i] = p.Error()
	}
	return out
}
