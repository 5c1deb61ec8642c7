package frames

import (
	"fmt"
	"slices"
	"strings"

	"github.com/blueking/incidents/pkg/incident"
)

// Widths of the name of a lane and of the place in it. A timeline gives names a third of its width, and cuts their
// beginning.
const (
	laneWidth  = 66
	placeWidth = 34
)

// lanes are names for the lines of a timeline, one per fingerprint: what and where, short enough to stand beside the bars.
func (v View) lanes(list []incident.Incident) map[string]string {
	out, taken := map[string]string{}, map[string]int{}
	for i := range list {
		inc := &list[i]
		if _, named := out[inc.Fingerprint]; named {
			continue
		}
		name := lane(oneLine(inc.Title(v.Lang)), placeBeside(inc, inc.Title(v.Lang)))
		if width(name) > laneWidth {
			place := shortened(inc.Subject(), placeWidth)
			name = lane(shortened(oneLine(inc.Title(v.Lang)), laneWidth-3-width(place)), place)
		}
		if taken[name]++; taken[name] > 1 {
			name += fmt.Sprintf(" #%d", taken[name])
		}
		out[inc.Fingerprint] = name
	}
	return out
}

func lane(title, place string) string {
	if place == "" {
		return title
	}
	return title + " · " + oneLine(place)
}

// placeBeside is the subject of an incident without what its title says.
func placeBeside(i *incident.Incident, title string) string {
	parts := strings.Split(i.Subject(), " / ")
	parts = slices.DeleteFunc(parts, func(part string) bool { return strings.Contains(title, part) })
	return strings.Join(parts, " / ")
}

// shortened cuts a text to a width.
func shortened(s string, most int) string {
	if width(s) <= most {
		return s
	}
	fits := 0
	for at := range s {
		if width(s[:at]) < most { // with room for the ellipsis
			fits = at
		}
	}
	return s[:fits] + "…"
}

// width counts a Chinese character as two.
func width(s string) int {
	n := 0
	for _, r := range s {
		n++
		if r >= 0x2E80 {
			n++
		}
	}
	return n
}
