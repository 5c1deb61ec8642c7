package pluginrun

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/backend/datasource"
	"github.com/grafana/grafana-plugin-sdk-go/backend/grpcplugin"
	"github.com/grafana/grafana-plugin-sdk-go/backend/instancemgmt"
	"github.com/grafana/grafana-plugin-sdk-go/data"
)

// TestMain turns the test binary into a plugin when it is started as one.
func TestMain(m *testing.M) {
	if os.Getenv(grpcplugin.MagicCookieKey) != grpcplugin.MagicCookieValue {
		os.Exit(m.Run())
	}
	if err := datasource.Manage(PluginID, newEcho, datasource.ManageOpts{}); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// echo is a data source that answers with its own settings.
type echo struct {
	settings backend.DataSourceInstanceSettings
}

func newEcho(_ context.Context, s backend.DataSourceInstanceSettings) (instancemgmt.Instance, error) {
	return &echo{s}, nil
}

func (e *echo) QueryData(_ context.Context, req *backend.QueryDataRequest) (*backend.QueryDataResponse, error) {
	resp := backend.NewQueryDataResponse()
	for _, q := range req.Queries {
		if q.QueryType == "broken" {
			resp.Responses[q.RefID] = backend.ErrDataResponse(backend.StatusBadRequest, "no such query")
			continue
		}
		frame := data.NewFrame("echo", data.NewField("url", nil, []string{e.settings.URL}))
		resp.Responses[q.RefID] = backend.DataResponse{Frames: data.Frames{frame}}
	}
	return resp, nil
}

func (e *echo) CheckHealth(context.Context, *backend.CheckHealthRequest) (*backend.CheckHealthResult, error) {
	return &backend.CheckHealthResult{Status: backend.HealthStatusOk, Message: string(e.settings.JSONData) + os.Getenv("ECHO_EXTRA")}, nil
}

func (e *echo) CallResource(_ context.Context, req *backend.CallResourceRequest, sender backend.CallResourceResponseSender) error {
	for _, piece := range []string{req.Path, "+", e.settings.DecryptedSecureJSONData["basicAuthPassword"]} {
		if err := sender.Send(&backend.CallResourceResponse{Status: 200, Body: []byte(piece)}); err != nil {
			return err
		}
	}
	return nil
}

func startEcho(t *testing.T, opts Options) *Plugin {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	p, err := Start(t.Context(), self, opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Stop)
	return p
}

func contextOf(t *testing.T, d DataSource) backend.PluginContext {
	t.Helper()
	pc, err := d.Context()
	if err != nil {
		t.Fatal(err)
	}
	return pc
}

func TestQueryDataKeepsSettingsApart(t *testing.T) {
	p := startEcho(t, Options{})
	for _, url := range []string{"http://127.0.0.1:1", "http://127.0.0.1:2"} {
		resp, err := p.QueryData(t.Context(), &backend.QueryDataRequest{
			PluginContext: contextOf(t, DataSource{URL: url}),
			Queries:       []backend.DataQuery{{RefID: "A", JSON: []byte("{}")}, {RefID: "B", QueryType: "broken", JSON: []byte("{}")}},
		})
		if err != nil {
			t.Fatal(err)
		}
		if got := resp.Responses["A"].Frames[0].Fields[0].At(0); got != url {
			t.Errorf("answer of %v, want %s", got, url)
		}
		if b := resp.Responses["B"]; b.Error == nil || b.Status != backend.StatusBadRequest {
			t.Errorf("B = %v (%v), want its own error", b.Error, b.Status)
		}
	}
}

func TestCheckHealthPassesSettingsAndEnvironment(t *testing.T) {
	p := startEcho(t, Options{Env: []string{"ECHO_EXTRA=!"}})
	got, err := p.CheckHealth(t.Context(), &backend.CheckHealthRequest{
		PluginContext: contextOf(t, DataSource{JSONData: map[string]string{"store": "samples"}}),
	})
	if err != nil {
		t.Fatal(err)
	}
	if got.Status != backend.HealthStatusOk || got.Message != `{"store":"samples"}!` {
		t.Errorf("health = %v %q", got.Status, got.Message)
	}
}

func TestCallResourceJoinsThePieces(t *testing.T) {
	p := startEcho(t, Options{})
	got, err := p.CallResource(t.Context(), &backend.CallResourceRequest{
		PluginContext: contextOf(t, DataSource{Secrets: map[string]string{"basicAuthPassword": "secret"}}),
		Path:          "hosts", Method: "GET",
	})
	if err != nil {
		t.Fatal(err)
	}
	if got.Status != 200 || string(got.Body) != "hosts+secret" {
		t.Errorf("resource = %d %q", got.Status, got.Body)
	}
}

func TestStopEndsTheProcess(t *testing.T) {
	p := startEcho(t, Options{})
	p.Stop()
	p.Stop()
	if !p.client.Exited() {
		t.Error("still running after Stop")
	}
	if _, err := p.CheckHealth(t.Context(), &backend.CheckHealthRequest{}); err == nil {
		t.Error("a stopped plugin answered")
	}
}

func TestStartNamesWhatToDoWithoutABuild(t *testing.T) {
	_, err := Start(t.Context(), Binary(t.TempDir()), Options{})
	if !errors.Is(err, ErrNotBuilt) {
		t.Errorf("err = %v, want %v", err, ErrNotBuilt)
	}
	if filepath.Base(filepath.Dir(Binary("root"))) != "dist" {
		t.Error("the plugin is built into dist")
	}
}

func TestUsageOfTheProcess(t *testing.T) {
	p := startEcho(t, Options{})
	u, err := p.Usage(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if u.Goroutines < 2 || u.Heap == 0 {
		t.Errorf("%+v", u)
	}
	if _, err := os.Stat("/proc/self/status"); err == nil && (u.PeakRSS < u.RSS || u.RSS == 0 || u.Descriptors < 3) {
		t.Errorf("%+v", u)
	}
}
