package loki

import (
	"strings"
	"sync"

	"github.com/prometheus/common/model"

	"github.com/blueking/incidents/pkg/logs"
	"github.com/blueking/incidents/pkg/selector"
)

// internerMax bounds the remembered streams. Past it the memory starts afresh; streams in use stay valid.
const internerMax = 20_000

// interner keeps one *logs.Stream per label set, so that labels are parsed once and not once a page.
type interner struct {
	mu sync.Mutex
	// byText is keyed by the label string as Loki wrote it, byKey by the canonical one.
	byText, byKey map[string]*logs.Stream
}

// parse returns the stream of a label string as the protobuf answer has it: `{a="b", c="d"}`, Go-quoted.
func (in *interner) parse(text string) (*logs.Stream, error) {
	in.mu.Lock()
	defer in.mu.Unlock()
	if s, known := in.byText[text]; known {
		return s, nil
	}
	// A stream outlives the page it came in, so it keeps a copy and not the page.
	text = strings.Clone(text)
	labels, err := selector.ParseLabels(text)
	if err != nil {
		return nil, err
	}
	s := in.add(labels)
	in.byText[text] = s
	return s, nil
}

// of returns the stream of a label set, which it keeps if it is new.
func (in *interner) of(labels model.LabelSet) *logs.Stream {
	in.mu.Lock()
	defer in.mu.Unlock()
	return in.add(labels)
}

func (in *interner) add(labels model.LabelSet) *logs.Stream {
	if in.byKey == nil || len(in.byKey) >= internerMax || len(in.byText) >= internerMax {
		in.byText, in.byKey = map[string]*logs.Stream{}, map[string]*logs.Stream{}
	}
	key := labels.String()
	s, known := in.byKey[key]
	if !known {
		s = &logs.Stream{Key: key, Labels: labels}
		in.byKey[key] = s
	}
	return s
}
