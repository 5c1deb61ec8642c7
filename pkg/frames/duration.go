package frames

import (
	"fmt"
	"strconv"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/blueking/incidents/pkg/incident"
)

// lasted is how long an incident has been going on, in full seconds.
func lasted(i *incident.Incident, a Answer) time.Duration {
	return i.EndOr(a.Scan.Now).Sub(i.Start).Truncate(time.Second)
}

// durations are the texts of a column of seconds. Grafana's own units would round 2 h 50 min to "2 hours", and know
// English only. The values stay numbers, so that they sort.
func (v View) durations(seconds *data.Field) data.ValueMappings {
	mapper := data.ValueMapper{}
	for r := range seconds.Len() {
		known, ok := seconds.ConcreteAt(r)
		if !ok {
			continue
		}
		value := known.(float64)
		mapper[strconv.FormatFloat(value, 'f', -1, 64)] = data.ValueMappingResult{Text: v.duration(time.Duration(value) * time.Second)}
	}
	if len(mapper) == 0 {
		return nil
	}
	return data.ValueMappings{mapper}
}

// duration is a time span in its two largest units, such as 2 h 50 min.
func (v View) duration(d time.Duration) string {
	days, hours, minutes, seconds := int(d/(24*time.Hour)), int(d/time.Hour)%24, int(d/time.Minute)%60, int(d/time.Second)%60
	two := func(a int, zhA, enA string, b int, zhB, enB string) string {
		if b == 0 {
			return fmt.Sprintf("%d %s", a, v.text(zhA, enA))
		}
		return fmt.Sprintf("%d %s %d %s", a, v.text(zhA, enA), b, v.text(zhB, enB))
	}
	switch {
	case days > 0:
		return two(days, "天", "d", hours, "小时", "h")
	case hours > 0:
		return two(hours, "小时", "h", minutes, "分钟", "min")
	case minutes > 0:
		return two(minutes, "分钟", "min", seconds, "秒", "s")
	}
	return fmt.Sprintf("%d %s", seconds, v.text("秒", "s"))
}
