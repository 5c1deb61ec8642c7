package ship

import (
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// verdict is what an answer of Loki means for a batch.
type verdict struct {
	// done tells that trying again would change nothing: the batch is taken, but for refused entries.
	done    bool
	refused int
	// kind is one word, do says what a person can do.
	kind, do string
}

// lasting are the texts by which Loki refuses single entries of a push with status 400; the others it has stored.
var lasting = []struct{ text, kind, do string }{
	{"too far behind", "behind", "either Loki has these entries already, or it got newer ones of the same stream before: raise ingester.max_chunk_age and ship again with another position file and --since"},
	{"out of order", "behind", "set unordered_writes: true in Loki's limits_config"},
	{"timestamp too old", "old", "choose a shorter --since, or raise reject_old_samples_max_age in Loki's limits_config"},
	{"timestamp too new", "new", "compare --timezone with nodeman's TIME_ZONE, and the clocks of nodeman and Loki"},
	{"max entry size", "long", "raise max_line_size in Loki's limits_config"},
}

// ignored is how Loki counts what it refused of a stream.
var ignored = regexp.MustCompile(`total ignored: (\d+) out of (\d+)`)

// judge decides about an answer.
func judge(a answer) verdict {
	switch {
	case a.status/100 == 2:
		return verdict{done: true}
	case a.status == 0:
		return verdict{do: "check --loki, DNS, the network and, for https, --ca-file"}
	case a.status == http.StatusBadRequest:
		return judgeEntries(a.text)
	case a.status == http.StatusUnauthorized, a.status == http.StatusForbidden:
		return verdict{do: "check the credentials (--loki-auth) and --tenant: they must be allowed to write"}
	case a.status == http.StatusNotFound, a.status/100 == 3, a.status == http.StatusMethodNotAllowed:
		return verdict{do: "check --loki: it is the address of Loki or its gateway, without /loki/api/v1, and a gateway must pass POST /loki/api/v1/push on"}
	case a.status == http.StatusRequestEntityTooLarge:
		return verdict{do: "let the gateway before Loki accept bodies of 2 MB (client_max_body_size in nginx)"}
	case a.status == http.StatusTooManyRequests:
		return verdict{do: "nothing if it passes; else raise ingestion_rate_mb and per_stream_rate_limit in Loki's limits_config"}
	case a.status/100 == 5:
		return verdict{do: "nothing if it passes; else look at Loki's own log"}
	}
	return verdict{do: "look at Loki's own log"}
}

// judgeEntries decides about a refusal with status 400: what concerns single entries is final, what concerns the
// request or the configuration keeps everything waiting, because nothing was stored.
func judgeEntries(text string) verdict {
	if strings.Contains(text, "structured metadata") && strings.Contains(text, "disallowed") {
		return verdict{do: "Loki must store structured metadata: schema v13 with the tsdb index, and allow_structured_metadata: true in limits_config"}
	}
	for _, l := range lasting {
		if !strings.Contains(text, l.text) {
			continue
		}
		refused := 0
		for _, m := range ignored.FindAllStringSubmatch(text, -1) {
			n, _ := strconv.Atoi(m[1]) // digits
			refused += n
		}
		return verdict{done: true, refused: max(refused, 1), kind: l.kind, do: l.do}
	}
	return verdict{do: "Loki refuses the request as it is: see the reason, and Loki's limits_config"}
}

// retryAfter reads the header of that name, seconds or a date.
func retryAfter(value string, now time.Time) time.Duration {
	if seconds, err := strconv.Atoi(value); err == nil && seconds > 0 {
		return min(time.Duration(seconds)*time.Second, 10*time.Minute)
	}
	if at, err := http.ParseTime(value); err == nil {
		return min(max(0, at.Sub(now)), 10*time.Minute)
	}
	return 0
}
