package scenarios

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/blueking/incidents/pkg/incident"
	"github.com/blueking/incidents/pkg/match"
	"github.com/blueking/incidents/pkg/scan"
)

// told is a kind of event of a random world: lines that are logged together.
type told struct {
	in     string
	onHost bool // the host label is one of the world's hosts
	lines  []string
}

const (
	engine   = `{"levelname": "ERROR", "asctime": "<<T,>>", "message": "7f3a0c2e9b1d4e6f | [task_engine][service_task_exc_handler:InstallService] sub_inst_id -> <<SUB>>, exc -> `
	url      = `/generic/blueking/bknodeman/download/setup_agent.sh`
	exec     = `[<<T>> INFO] 执行命令: curl http://`
	failed   = `[<<T>> ERROR] [3803009] 命令返回非零值：exit_status -> `
	exitTo   = `[3803009] \u547d\u4ee4\u8fd4\u56de\u975e\u96f6\u503c\uff1aexit_status -> `
	jwtHead  = `[<<T.>>] ERROR [job-gateway,,] 1 --- [main] c.t.b.j.g.s.impl.EsbJwtServiceImpl       : Build esb jwt public key caught error!`
	jwtError = `org.springframework.web.client.ResourceAccessException: I/O error on GET request for "http://bkapi.example.com/api/c/compapi/v2/esb/get_api_public_key": Connect to bkapi.example.com:80 [bkapi.example.com/10.0.0.8] failed: connect timed out`
)

// things that happen, by weight. <<IP>> and <<SUB>> are of one host.
var things = []told{
	{"worker", false, []string{`{"levelname": "WARNING", "asctime": "<<T,>>", "message": "7f3a0c2e9b1d4e6f | [app_core_remote:handle_report_data:scripts_error] install failed: sub_inst_id -> <<SUB>>, ip -> <<IP>>, labels -> {'step': 'check_deploy_result'}, log -> [script] [check_deploy_result] agent(PID:28712) is not connect to gse server"}`}},
	{"worker", false, []string{engine + `agent(PID:28712) is not connect to gse server"}`}},
	{"api", false, []string{`{"levelname": "INFO", "message": "7f3a0c2e9b1d4e6f | [report_log]: b'{\\n \"task_id\": \"t<<N>>\",\\n \"token\": \"SECRET\",\\n \"logs\": [ {\"level\": \"ERROR\", \"step\":\"check_deploy_result\", \"log\":\"agent(PID:) is not connect to gse server\",\"status\":\"FAILED\"} ]\\n}\\n'"}`}},
	{"installer", true, []string{`<<T>> ERROR check_deploy_result FAILED agent(PID:28712, PORT:28668) is not connect to gse server`}},
	{"installer", true, []string{`<<T>> INFO check_deploy_result DONE gse agent has been deployed successfully`}},
	{"agent", true, []string{`<<T,>>:28712(0x7f2c5a1fb700):ZOO_ERROR@getaddrs@599: getaddrinfo: No such file or directory`}},
	{"agent", true, []string{`<<T,>>:28712(0x7f2c5a1fb700):ZOO_INFO@check_events@1728: session establishment complete on server [10.0.0.8:32181], sessionId=0x100000a1b2c0001, negotiated timeout=30000`}},
	{"worker", false, []string{engine + `[1306201] [JOB]API request exception: (Component request third-party system [JOBV3] interface [fast_execute_script] error: Status Code: 401, Error Message: third-party system interface response status code is not 200) path => /api/c/compapi/v2/jobv3/fast_execute_script/"}`}},
	{"worker", false, []string{`{"levelname": "ERROR", "message": "7f3a0c2e9b1d4e6f | [BKAPI]  request_datetime=><<T>> && url=>http://bkapi.example.com/x/ && module=>JOB && method=>POST && response_code=>1306201 && response_message=>Component request third-party system [JOBV3] interface [fast_execute_script] error: Status Code: 401, Error Message: x"}`}},
	{"gateway", false, []string{jwtHead, jwtError}},
	{"gateway", false, []string{jwtHead}},
	{"gateway", false, []string{`[<<T.>>]  INFO [job-gateway,,] 1 --- [main] c.t.b.j.g.s.impl.EsbJwtServiceImpl       : Init esb jwt public key success`}},
	{"exec", false, []string{exec + `bkrepo.example.com` + url + ` -o /tmp/setup_agent.sh --connect-timeout 5 -sSfg`, failed + `28, stdout -> , stderr -> curl: (28) Connection timed out after 5001 milliseconds`}},
	{"exec", false, []string{exec + `10.0.0.8:30025` + url + ` -o /tmp/setup_agent.sh --connect-timeout 5 -sSfg`, failed + `22, stdout -> , stderr -> curl: (22) The requested URL returned error: 404 Not Found`}},
	{"exec", false, []string{failed + `6, stdout -> , stderr -> curl: (6) Could not resolve host: bkrepo.example.com`}},
	{"worker", false, []string{engine + exitTo + `6, stdout -> , stderr -> curl: (6) Could not resolve host: bkrepo.example.com; Unknown error\n"}`}},
	{"worker", false, []string{engine + exitTo + `28, stdout -> , stderr -> curl: (28) Failed to connect to bkrepo.example.com port 80 after 5001 ms: Timeout was reached\n"}`}},
}

// randomWorld logs n events of a few hosts and two clusters over a span. ties stamps the lines of an event, and now
// and then two events, with one nanosecond.
func randomWorld(t testing.TB, rng *rand.Rand, n int, span time.Duration, ties bool) []entry {
	t.Helper()
	kinds := streamKinds(t)
	var out []entry
	at := t0
	for range n {
		if !ties || rng.IntN(6) > 0 {
			at = t0.Add(time.Duration(rng.Int64N(int64(span))))
		}
		thing := things[rng.IntN(len(things))]
		kind := kinds[thing.in]
		host := rng.IntN(3)
		labels := maps.Clone(kind.Labels)
		if rng.IntN(3) == 0 {
			labels["cluster"] = "bk-test"
		}
		switch {
		case thing.onHost:
			labels["host"] = "<<IP>>"
			labels["filename"] = map[string]string{"installer": fmt.Sprintf("/tmp/nm.setup_agent.sh.t%d", host)}[thing.in]
		case thing.in == "exec":
			labels["instance_id"] = fmt.Sprint(rng.IntN(4))
		}
		stream := newStream(labels, host)
		for i, line := range thing.lines {
			when := at
			if !ties {
				when = when.Add(time.Duration(i) * time.Microsecond)
			}
			out = append(out, entry{selector: selectorOf(kind.Source, kind.OnHost), stream: stream, at: when, arrives: when, line: expand(line, when, host)})
		}
	}
	return out
}

const worlds = 25

func TestOrderOfStreamsAndPagesIsIrrelevant(t *testing.T) {
	for _, ties := range []bool{false, true} {
		t.Run(fmt.Sprintf("ties %v", ties), func(t *testing.T) {
			for seed := range uint64(worlds) {
				rng := rand.New(rand.NewPCG(seed, 101))
				entries := randomWorld(t, rng, 10+rng.IntN(80), 8*time.Hour, ties)
				st := &store{entries: entries, live: always, now: t0.Add(9 * time.Hour)}
				start, end := t0.Add(time.Duration(rng.Int64N(int64(4*time.Hour)))), t0.Add(8*time.Hour)
				want := dump(ask(t, newScanner(t, st, 0), start, end))
				for order := range uint64(5) {
					st.rng = rand.New(rand.NewPCG(order, seed))
					if d := differ(want, dump(ask(t, newScanner(t, st, 0), start, end))); d != "" {
						t.Fatalf("world %d, order %d:\n%s", seed, order, d)
					}
				}
			}
		})
	}
}

func TestRefreshingInStepsIsAskingAnew(t *testing.T) {
	for seed := range uint64(worlds / 2) {
		rng := rand.New(rand.NewPCG(seed, 202))
		entries := randomWorld(t, rng, 10+rng.IntN(60), 6*time.Hour, false)
		for i := range entries {
			if rng.IntN(3) == 0 {
				entries[i].arrives = entries[i].at.Add(time.Duration(rng.Int64N(int64(lateness - 10*time.Second))))
			}
		}
		st := &store{entries: entries, live: always}
		remembering, small, fresh := newScanner(t, st, 64<<20), newScanner(t, st, 1000), newScanner(t, st, 0)
		for clock := t0.Add(-time.Minute); clock.Before(t0.Add(9 * time.Hour)); clock = clock.Add(5*time.Second + time.Duration(rng.Int64N(int64(25*time.Minute)))) {
			st.set(clock)
			start, end := clock.Add(-time.Duration(rng.Int64N(int64(5*time.Hour)))-time.Minute), clock.Add(time.Duration(rng.IntN(2))*time.Hour)
			want := dump(ask(t, fresh, start, end))
			for name, s := range map[string]*scan.Scanner{"with memory": remembering, "with little memory": small} {
				if d := differ(want, dump(ask(t, s, start, end))); d != "" {
					t.Fatalf("world %d, %s at %s, range from %s:\n%s", seed, name, since(clock), since(start), d)
				}
			}
		}
	}
}

// TestSplittingTheRangeAnywhereGivesTheSameIncidents asks for a range as a whole and in two halves. What a half sees,
// it must see as the whole does.
func TestSplittingTheRangeAnywhereGivesTheSameIncidents(t *testing.T) {
	const span = 12 * time.Hour // all within the look-back of either half
	for seed := range uint64(2 * worlds) {
		rng := rand.New(rand.NewPCG(seed, 303))
		entries := randomWorld(t, rng, 10+rng.IntN(60), span, false)
		st := &store{entries: entries, live: always, now: t0.Add(span)}
		scanner := newScanner(t, st, 0)
		whole := ask(t, scanner, t0, t0.Add(span))
		for range 6 {
			split := t0.Add(time.Duration(rng.Int64N(int64(span))))
			right := ask(t, scanner, split, t0.Add(span))
			if d := differ(seenSince(whole, split), seenSince(right, split)); d != "" {
				t.Fatalf("world %d: the range from %s sees its incidents otherwise than the whole:\n%s", seed, since(split), d)
			}
			checkLeft(t, seed, entries, split, whole)
		}
	}
}

// seenSince describes the incidents that touch what follows a time. It leaves out what a shorter range need not know:
// symptoms that were over before, whether an incident of a day's quiet time had begun before the look-back, and the
// weights of hypotheses, whose evidence may be a day old.
func seenSince(res *scan.Result, split time.Time) string {
	cut := *res
	cut.Incidents = nil
	for i := range res.Incidents {
		if inc := &res.Incidents[i]; !inc.EndOr(res.Now).Before(split) || !inc.Last.Before(split) {
			cut.Incidents = append(cut.Incidents, *inc)
		}
	}
	for i := range cut.Incidents {
		inc := &cut.Incidents[i]
		inc.Hypotheses = nil
		inc.Why = slices.Clone(inc.Why)
		for n := range inc.Why {
			if w := &inc.Why[n]; w.Rule == "cause" { // the cause's own start may be before what the shorter range reads
				w.Time, w.Line = time.Time{}, match.Text{}
			}
		}
		inc.Symptoms = slices.DeleteFunc(slices.Clone(inc.Symptoms), func(l incident.Link) bool {
			return !slices.ContainsFunc(cut.Incidents, func(other incident.Incident) bool { return other.ID == l.ID })
		})
		if inc.Cause != nil {
			inc.Cause = &incident.Link{Fingerprint: inc.Cause.Fingerprint, Signature: inc.Cause.Signature}
		}
		if inc.Signature.ID == "job-jwt-key-timeout" {
			inc.StartKnown, inc.ID = false, inc.Fingerprint+"~"
		}
	}
	cut.Lines = nil
	return dump(&cut)
}

// checkLeft asks for the first half: later, it must look as it looked then, and what had come to rest by then must
// still be there in the whole, from the same start.
func checkLeft(t *testing.T, seed uint64, entries []entry, split time.Time, whole *scan.Result) {
	t.Helper()
	now := &store{entries: entries, live: always, now: split}
	then := &store{entries: entries, live: always, now: split.Add(48 * time.Hour)}
	left := ask(t, newScanner(t, now, 0), t0, split)
	if d := differ(dump(left), dump(ask(t, newScanner(t, then, 0), t0, split))); d != "" {
		t.Fatalf("world %d: the range to %s looks different later:\n%s", seed, since(split), d)
	}
	for i := range left.Incidents {
		inc := &left.Incidents[i]
		if inc.Last.After(split.Add(-5 * time.Minute)) {
			continue // its other carriers may still come
		}
		n := slices.IndexFunc(whole.Incidents, func(w incident.Incident) bool {
			return w.Fingerprint == inc.Fingerprint && w.Start.Equal(inc.Start)
		})
		if n < 0 {
			t.Fatalf("world %d: of the range to %s the whole does not know %s", seed, since(split), dumpIncident(inc))
		}
		if w := &whole.Incidents[n]; w.Count < inc.Count || w.Last.Before(inc.Last) || w.StartKnown != inc.StartKnown {
			t.Fatalf("world %d: of the range to %s the whole lost something of\n%s\n%s", seed, since(split), dumpIncident(inc), dumpIncident(w))
		}
	}
}

// TestAlertRowsAreOnePerFingerprint follows random worlds through time: never two rows, and a row's life is 1 or 0.
func TestAlertRowsAreOnePerFingerprint(t *testing.T) {
	for seed := range uint64(worlds / 2) {
		rng := rand.New(rand.NewPCG(seed, 404))
		st := &store{entries: randomWorld(t, rng, 10+rng.IntN(60), 6*time.Hour, true), live: always}
		scanner := newScanner(t, st, 64<<20)
		for clock := t0; clock.Before(t0.Add(10 * time.Hour)); clock = clock.Add(11 * time.Minute) {
			st.set(clock)
			long, short := ask(t, scanner, clock.Add(-6*time.Hour), clock), ask(t, scanner, clock.Add(-16*time.Minute), clock)
			rows := func(res *scan.Result) string {
				text, seen := "", map[string]bool{}
				for _, row := range incident.AlertRows(res.Incidents, res.Now) {
					fp := row.Incident.Fingerprint
					if seen[fp] || row.Value == 1 != (row.Incident.State == incident.Active) || row.Value == 0 && res.Now.Sub(row.Incident.End) > 15*time.Minute {
						t.Fatalf("world %d at %s: row %v of %s", seed, since(clock), row.Value, dumpIncident(row.Incident))
					}
					seen[fp] = true
					text += fmt.Sprintf("%s %s %v\n", row.Incident.Signature.ID, fp, row.Value)
				}
				return text
			}
			if d := differ(rows(long), rows(short)); d != "" {
				t.Fatalf("world %d at %s: a rule's range changes its rows:\n%s", seed, since(clock), d)
			}
		}
	}
}
