package event

import "testing"

// Facilities from 13 on, such as local0, make priorities of three digits.
func TestThePriorityOfSyslogGivesTheLevel(t *testing.T) {
	for line, want := range map[string]Level{
		"<131>1 2026-08-08T19:51:57Z 172.26.132.24 agent 405 ID47 - it failed":  Error,
		"<132>1 2026-08-08T19:51:57Z 172.26.132.24 agent 405 ID47 - it is slow": Warning,
		"<14>1 2026-08-08T19:51:57Z 172.26.132.24 agent 405 ID47 - it works":    UnknownLevel, // info is what collectors give to any output
		"<15>1 2026-08-08T19:51:57Z 172.26.132.24 agent 405 ID47 - it tries":    Debug,
	} {
		if got := Read(line); len(got) != 1 || got[0].Level != want {
			t.Errorf("%s: %+v, want the level %s", line, got, want)
		}
	}
}
