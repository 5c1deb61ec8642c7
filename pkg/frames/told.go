package frames

import (
	"math"
	"slices"

	"github.com/grafana/grafana-plugin-sdk-go/data"
)

// durationField is the column of how long something has lasted, in seconds.
const durationField = "duration"

// Told is what of a frame is news: all of it but when the answer was found and at what cost, and how long something
// lasts in whole minutes only.
func Told(f *data.Frame) *data.Frame {
	out := *f
	if f.Meta != nil {
		meta := *f.Meta
		meta.Custom, meta.Stats = nil, nil
		out.Meta = &meta
	}
	out.Fields = slices.Clone(f.Fields)
	for i, field := range f.Fields {
		if field.Name != durationField {
			continue
		}
		minutes := make([]float64, field.Len())
		for row := range minutes {
			if seconds, err := field.FloatAt(row); err == nil {
				minutes[row] = math.Floor(seconds / 60)
			}
		}
		out.Fields[i] = data.NewField(field.Name, field.Labels, minutes)
	}
	return &out
}
