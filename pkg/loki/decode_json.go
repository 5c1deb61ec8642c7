package loki

import (
	"io"
	"strconv"
	"time"

	"github.com/grafana/loki/v3/pkg/logproto"
	"github.com/prometheus/common/model"

	"github.com/blueking/incidents/pkg/logs"
)

// jsonDecoder reads the log streams of {"resultType","encodingFlags","result":[{"stream","values"}],"stats"}.
// Without the flag categorize-labels (Loki before 2.9.3) an entry has two elements instead of three, and structured
// metadata stands among the stream labels.
type jsonDecoder struct {
	*jsonReader
	streams *interner
	sieve   logs.Sieve
	page    *page
}

// decodeJSON reads the JSON answer of query_range. With a sieve, lines that it leaves out are only counted.
func decodeJSON(body io.Reader, streams *interner, sieve logs.Sieve) (*page, error) {
	d := &jsonDecoder{jsonReader: newJSONReader(body), streams: streams, sieve: sieve, page: &page{}}
	warnings, err := d.envelope(func() { d.result(d.stream, "streams") })
	if err != nil {
		return nil, err
	}
	d.page.warnings = warnings
	return d.page, nil
}

func (d *jsonDecoder) stream() {
	var labels model.LabelSet
	var entries []logproto.Entry
	d.object(func(key string) {
		switch key {
		case "stream":
			labels = d.labels()
		case "values":
			d.array(func() {
				e := d.entry()
				if d.sieve != nil && d.sieve.Next(e.Line, 0) < 0 {
					d.page.sifted.add(e.Timestamp.UnixNano())
					return
				}
				entries = append(entries, e)
			})
		default:
			d.it.Skip()
		}
	})
	if d.it.Error == nil {
		d.page.streams = append(d.page.streams, pageStream{stream: d.streams.of(labels), entries: entries})
	}
}

func (r *jsonReader) labels() model.LabelSet {
	labels := model.LabelSet{}
	r.object(func(name string) { labels[model.LabelName(name)] = model.LabelValue(r.str()) })
	return labels
}

// entry reads ["<ns>", "<line>", {"structuredMetadata": {…}, "parsed": {…}}]; the third element may be missing.
func (d *jsonDecoder) entry() (e logproto.Entry) {
	n := 0
	d.array(func() {
		switch n++; n {
		case 1:
			ns, err := strconv.ParseInt(d.str(), 10, 64)
			if err != nil && d.it.Error == nil {
				d.fail("a timestamp: %v", err)
			}
			e.Timestamp = time.Unix(0, ns).UTC()
		case 2:
			e.Line = d.str()
		case 3:
			if !d.null() {
				d.categories(&e)
			}
		default:
			d.it.Skip()
		}
	})
	if n < 2 {
		d.fail("an entry of %d elements", n)
	}
	return e
}

func (d *jsonDecoder) categories(e *logproto.Entry) {
	d.object(func(key string) {
		var list []logproto.LabelAdapter
		switch key {
		case "structuredMetadata", "parsed":
			if !d.null() {
				d.object(func(name string) { list = append(list, logproto.LabelAdapter{Name: name, Value: d.str()}) })
			}
		default:
			d.it.Skip()
			return
		}
		if key == "parsed" {
			e.Parsed = list
		} else {
			e.StructuredMetadata = list
		}
	})
}
