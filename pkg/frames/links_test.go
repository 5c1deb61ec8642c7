package frames

import (
	"testing"
	"time"

	"github.com/prometheus/common/model"

	"github.com/blueking/incidents/pkg/query"
	"github.com/blueking/incidents/pkg/signature"
)

func TestExploreShowsTheLinesWithoutReadingEverything(t *testing.T) {
	for name, tc := range map[string]struct {
		streams []model.LabelSet
		want    string
	}{
		"one stream":          {[]model.LabelSet{{"cluster": "c", "pod": "a"}}, `{cluster="c", pod="a", source="nodeman"} |= "download of "`},
		"two pods":            {[]model.LabelSet{{"cluster": "c", "pod": "b"}, {"cluster": "c", "pod": "a.1"}}, `{cluster="c", pod=~"a\\.1|b", source="nodeman"} |= "download of "`},
		"a pod and two hosts": {[]model.LabelSet{{"cluster": "c", "pod": "a"}, {"cluster": "c", "filename": "/f", "host": "h1"}, {"cluster": "c", "filename": "/f", "host": "h2"}}, `{cluster="c", filename="/f", host=~"h1|h2", source="nodeman"} |= "download of "`},
		"a name Loki has not": {[]model.LabelSet{{"cluster": "c", "k8s.pod": "a"}}, `{cluster="c", source="nodeman"} |= "download of "`},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			for i, set := range tc.streams {
				w.log(signature.Nodeman, time.Duration(10-i)*time.Minute, set, "download of <</a>> failed")
			}
			a := w.answer(query.Query{QueryType: query.Incidents})
			if len(a.Incidents) != 1 {
				t.Fatalf("%d incidents", len(a.Incidents))
			}
			if got := logQL(a.Incidents[0].Evidence); got != tc.want {
				t.Errorf("got  %s\nwant %s", got, tc.want)
			}
		})
	}
}
