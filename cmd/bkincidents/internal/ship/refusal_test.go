package ship

import (
	"strings"
	"testing"
	"time"
)

func TestAnswersOfLokiAreJudged(t *testing.T) {
	for name, test := range map[string]struct {
		answer  answer
		done    bool
		refused int
		do      string
	}{
		"taken":       {answer{status: 204}, true, 0, ""},
		"no answer":   {answer{text: "connection refused"}, false, 0, "--loki"},
		"limit":       {answer{status: 429, text: "ingestion rate limit exceeded"}, false, 0, "per_stream_rate_limit"},
		"down":        {answer{status: 503}, false, 0, "Loki's own log"},
		"credentials": {answer{status: 401}, false, 0, "--loki-auth"},
		"tenant":      {answer{status: 403}, false, 0, "--tenant"},
		"path":        {answer{status: 404}, false, 0, "without /loki/api/v1"},
		"redirect":    {answer{status: 302}, false, 0, "address of Loki"},
		"body":        {answer{status: 413}, false, 0, "client_max_body_size"},
		"too far behind": {answer{status: 400, text: "entry with timestamp 2026-11-30 09:00:00 +0000 UTC ignored, reason: 'entry too far behind, entry timestamp is: x, oldest acceptable timestamp is: y',\nuser 'fake', total ignored: 3 out of 20 for stream: {job=\"nodeman-execution-log\"}"},
			true, 3, "max_chunk_age"},
		"too old":       {answer{status: 400, text: "entry for stream '{}' has timestamp too old: 2020, oldest acceptable timestamp is: 2026"}, true, 1, "reject_old_samples_max_age"},
		"ahead of time": {answer{status: 400, text: "entry for stream '{}' has timestamp too new: 2030"}, true, 1, "--timezone"},
		"too long":      {answer{status: 400, text: "max entry size '262144' bytes exceeded for stream"}, true, 1, "max_line_size"},
		"no metadata":   {answer{status: 400, text: "stream '{}' includes structured metadata, but this feature is disallowed. Please see"}, false, 0, "schema v13"},
		"other":         {answer{status: 400, text: "missing required labels 'env'"}, false, 0, "reason"},
	} {
		got := judge(test.answer)
		if got.done != test.done || got.refused != test.refused || !strings.Contains(got.do, test.do) {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestRetryAfterIsSecondsOrADate(t *testing.T) {
	now := time.Date(2026, 11, 30, 8, 0, 0, 0, time.UTC)
	for value, want := range map[string]time.Duration{
		"": 0, "x": 0, "-4": 0, "7": 7 * time.Second, "99999": 10 * time.Minute,
		"Mon, 30 Nov 2026 08:00:30 GMT": 30 * time.Second, "Mon, 30 Nov 2026 07:00:00 GMT": 0,
	} {
		if got := retryAfter(value, now); got != want {
			t.Errorf("%q: %v, want %v", value, got, want)
		}
	}
}
