package plugin

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"

	"github.com/blueking/incidents/pkg/signature"
)

// viewer is who follows a channel: what came, and when.
type viewer struct {
	started time.Time
	got     []pushed
	at      []time.Duration
}

func (v *viewer) Send(p *backend.StreamPacket) error {
	var message pushed
	if err := json.Unmarshal(p.Data, &message); err != nil {
		return err
	}
	v.got, v.at = append(v.got, message), append(v.at, time.Since(v.started))
	return nil
}

// channelOf opens the channel of a query over the last hour.
func channelOf(t *testing.T, d *Datasource, q string) (path string, raw []byte) {
	t.Helper()
	var c struct {
		Path string          `json:"path"`
		Data json.RawMessage `json:"data"`
	}
	res := callAs(t, d, "Viewer", "POST", "live", `{"query":`+q+`,"span":3600000}`)
	if err := json.Unmarshal(res.Body, &c); err != nil || res.Status != 200 {
		t.Fatalf("%d %s: %v", res.Status, res.Body, err)
	}
	return c.Path, c.Data
}

// follow runs a channel until the function returns, and returns how it ended.
func follow(t *testing.T, d *Datasource, path string, raw []byte, v *viewer, during func()) error {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	v.started = time.Now()
	go func() {
		done <- d.RunStream(ctx, &backend.RunStreamRequest{Path: path, Data: raw}, backend.NewStreamSender(v))
	}()
	synctest.Wait()
	during()
	synctest.Wait()
	cancel()
	return <-done
}

// openLive is open with a clock that goes on from noon, in a synctest bubble.
func openLive(t *testing.T, f *fake) *Datasource {
	t.Helper()
	started := time.Now()
	return open(t, f, func(c *config) { c.Clock = func() time.Time { return noon.Add(time.Since(started)) } })
}

// goingOn is the channel of all incidents of a store with a failure that goes on.
func goingOn(t *testing.T) (f *fake, d *Datasource, path string, raw []byte) {
	t.Helper()
	f = newFake()
	f.log(signature.Nodeman, time.Minute, "host 10.0.0.1 is offline")
	d = openLive(t, f)
	path, raw = channelOf(t, d, `{"queryType":"incidents"}`)
	return f, d, path, raw
}

const liveQuery = `{"queryType":"count","stat":"active","signatures":["offline"]}`

func TestALiveChannelSendsWhatHasChangedAndNothingElse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		d := openLive(t, f)
		path, raw := channelOf(t, d, `{"queryType":"evidence"}`)
		var v viewer
		err := follow(t, d, path, raw, &v, func() {
			time.Sleep(5 * time.Minute)
			synctest.Wait()
			if len(v.got) != 1 {
				t.Errorf("%d messages of logs in which nothing happens", len(v.got))
			}
			f.log(signature.Nodeman, -5*time.Minute-time.Second, "host 10.0.0.1 is offline")
			time.Sleep(liveEvery)
		})
		if !errors.Is(err, context.Canceled) {
			t.Errorf("the channel ended with %v", err)
		}
		if len(v.got) != 2 || !strings.Contains(string(v.got[1].Frame), "10.0.0.1") {
			t.Errorf("after a failure: %d messages, %v", len(v.got), v.got)
		}
	})
}

func TestALiveChannelTellsTheMinutesOfWhatGoesOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, d, path, raw := goingOn(t)
		var v viewer
		_ = follow(t, d, path, raw, &v, func() { time.Sleep(5 * time.Minute) })
		if len(v.got) != 6 {
			t.Errorf("%d messages in five minutes, at %v", len(v.got), v.at)
		}
	})
}

func TestALiveChannelSaysThatItCouldNotLook(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, d, path, raw := goingOn(t)
		var v viewer
		_ = follow(t, d, path, raw, &v, func() {
			f.mu.Lock()
			f.fails[signature.Nodeman], f.fails[signature.Agent], f.fails[signature.Gateway] = notReady, notReady, notReady
			f.mu.Unlock()
			time.Sleep(2 * time.Minute)
			synctest.Wait()
			f.mu.Lock()
			clear(f.fails)
			f.mu.Unlock()
			time.Sleep(2 * liveEvery)
		})
		failed := 0
		for _, m := range v.got {
			switch {
			case m.Error == "" && !strings.Contains(string(m.Frame), "10.0.0.1"):
				t.Errorf("an answer without the failure that goes on: %s", m.Frame)
			case m.Error != "" && !strings.Contains(m.Error, "Loki is not ready"):
				t.Errorf("the outage is told as %q", m.Error)
			case m.Error != "":
				failed++
			}
		}
		if failed != 1 || v.got[0].Error != "" || v.got[len(v.got)-1].Error != "" {
			t.Errorf("an outage between two answers was told %d times in %d messages", failed, len(v.got))
		}
	})
}

func TestALiveChannelEndsWithItsDataSource(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		d := openLive(t, f)
		other := newDatasource(d.config, d.store, d.scanner, d.catalogue)
		path, raw := channelOf(t, other, liveQuery)
		var v viewer
		if err := follow(t, other, path, raw, &v, other.Dispose); !errors.Is(err, errClosed) {
			t.Errorf("after new settings the channel ended with %v", err)
		}
	})
}

func TestFollowersShareWhatIsRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		reads := func(followers int) int64 {
			f := newFake()
			d := openLive(t, f)
			path, raw := channelOf(t, d, liveQuery)
			ctx, cancel := context.WithCancel(t.Context())
			done := make(chan error, followers)
			for range followers {
				go func() {
					done <- d.RunStream(ctx, &backend.RunStreamRequest{Path: path, Data: raw}, backend.NewStreamSender(&viewer{}))
				}()
			}
			time.Sleep(2*time.Minute + time.Second)
			cancel()
			for range followers {
				if err := <-done; !errors.Is(err, context.Canceled) {
					t.Error(err)
				}
			}
			return f.reads.Load()
		}
		if one, many := reads(1), reads(200); many != one {
			t.Errorf("%d reads for 200 channels, %d for one", many, one)
		}
	})
}

func TestAChannelBelongsToItsQuery(t *testing.T) {
	d := open(t, newFake())
	path, raw := channelOf(t, d, liveQuery)
	_, other := channelOf(t, d, `{"queryType":"incidents","hosts":["10.0.0.9"]}`)
	for name, test := range map[string]struct {
		path string
		raw  []byte
		want backend.SubscribeStreamStatus
	}{
		"its own":           {path, raw, backend.SubscribeStreamStatusOK},
		"another query":     {path, other, backend.SubscribeStreamStatusNotFound},
		"no query":          {path, nil, backend.SubscribeStreamStatusNotFound},
		"another name":      {"live/x", raw, backend.SubscribeStreamStatusNotFound},
		"broken":            {path, []byte(`{`), backend.SubscribeStreamStatusNotFound},
		"order of its keys": {path, []byte(`{"span":3600000,"query":{"stat":"active","signatures":["offline"],"queryType":"count"}}`), backend.SubscribeStreamStatusOK},
	} {
		t.Run(name, func(t *testing.T) {
			res, err := d.SubscribeStream(t.Context(), &backend.SubscribeStreamRequest{Path: test.path, Data: test.raw})
			if err != nil || res.Status != test.want {
				t.Errorf("status %v, error %v, want %v", res.Status, err, test.want)
			}
			if test.want == backend.SubscribeStreamStatusOK {
				return
			}
			if err := d.RunStream(t.Context(), &backend.RunStreamRequest{Path: test.path, Data: test.raw}, nil); !errors.Is(err, errNoResource) {
				t.Errorf("it runs all the same: %v", err)
			}
		})
	}
	if res, err := d.PublishStream(t.Context(), &backend.PublishStreamRequest{Path: path}); err != nil || res.Status != backend.PublishStreamStatusPermissionDenied {
		t.Errorf("a browser may publish: %v, %v", res, err)
	}
}

func TestWhatCannotBeLiveIsSaid(t *testing.T) {
	for name, test := range map[string]struct {
		body, want string
		change     func(*config)
	}{
		"an alert":            {`{"query":{"queryType":"alert"},"span":1000}`, "cannot be live", nil},
		"no range":            {`{"query":{"queryType":"incidents"}}`, "positive number of milliseconds", nil},
		"longer than history": {`{"query":{"queryType":"incidents"},"span":9223372036854775807}`, "positive number of milliseconds", nil},
		"no JSON":             {`[]`, "cannot be read", nil},
		"a wrong query":       {`{"query":{"queryType":"weather"},"span":1000}`, "weather", nil},
		"asked as the user":   {`{"query":{"queryType":"incidents"},"span":1000}`, "as the user who looks", func(c *config) { c.Forwards = true }},
	} {
		t.Run(name, func(t *testing.T) {
			change := test.change
			if change == nil {
				change = func(*config) {}
			}
			d := open(t, newFake(), change)
			res := callAs(t, d, "Viewer", "POST", "live", test.body)
			if res.Status != 400 || !strings.Contains(string(res.Body), test.want) {
				t.Errorf("%d %s", res.Status, res.Body)
			}
		})
	}
}

func TestSettingsThatPassOnWhoLooks(t *testing.T) {
	for text, want := range map[string]bool{
		`{}`: false, `{"oauthPassThru":true}`: true, `{"keepCookies":["session"]}`: true, `{"keepCookies":[]}`: false,
		`{"teamHttpHeaders":{"headers":{}}}`: true, `not JSON`: false,
	} {
		if got := forwards([]byte(text)); got != want {
			t.Errorf("%s: %v", text, got)
		}
	}
}
