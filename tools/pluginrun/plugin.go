// Package pluginrun starts a built data source plugin the way Grafana does, as a process of its own over
// hashicorp/go-plugin, and calls it with the SDK's own request types. Tests and the demo use it, so that what they
// see passed through the handshake, the encoding and the process boundary that a user's Grafana has.
package pluginrun

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend/grpcplugin"
	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/go-plugin"
)

// startTimeout is how long a plugin may take until it has said where it listens.
const startTimeout = 30 * time.Second

// executable is the name in src/plugin.json.
const executable = "gpx_blueking_incidents"

// ErrNotBuilt means that there is no plugin to start.
var ErrNotBuilt = errors.New("the plugin is not built, run `go tool mage build`")

// Options of Start. The zero value runs a silent plugin.
type Options struct {
	// Env is added to the environment that the plugin inherits, as KEY=value.
	Env []string
	// Log receives the plugin's own log from the level debug on; nil drops it.
	Log io.Writer
}

// Plugin is a running plugin. Its methods may be called from several goroutines.
type Plugin struct {
	client      *plugin.Client
	cancel      context.CancelFunc
	data        grpcplugin.DataClient
	diagnostics grpcplugin.DiagnosticsClient
	resource    grpcplugin.ResourceClient
	stream      grpcplugin.StreamClient
}

// Binary is where `go tool mage build` puts the plugin for this platform, below the repository's root.
func Binary(root string) string {
	name := fmt.Sprintf("%s_%s_%s", executable, runtime.GOOS, runtime.GOARCH)
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	return filepath.Join(root, "dist", name)
}

// Start runs the plugin at path and returns when it has shaken hands, within 30 s. It runs until Stop is called or ctx ends.
// A path without a file is ErrNotBuilt.
func Start(ctx context.Context, path string, opts Options) (*Plugin, error) {
	if info, err := os.Stat(path); err != nil || !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s: %w", path, ErrNotBuilt)
	}
	ctx, cancel := context.WithCancel(ctx)
	cmd := exec.CommandContext(ctx, path)
	cmd.Env = append(os.Environ(), opts.Env...)
	client := plugin.NewClient(&plugin.ClientConfig{
		HandshakeConfig: plugin.HandshakeConfig{
			ProtocolVersion:  grpcplugin.ProtocolVersion,
			MagicCookieKey:   grpcplugin.MagicCookieKey,
			MagicCookieValue: grpcplugin.MagicCookieValue,
		},
		VersionedPlugins: map[int]plugin.PluginSet{grpcplugin.ProtocolVersion: {
			"data":        &grpcplugin.DataGRPCPlugin{},
			"diagnostics": &grpcplugin.DiagnosticsGRPCPlugin{},
			"resource":    &grpcplugin.ResourceGRPCPlugin{},
			"stream":      &grpcplugin.StreamGRPCPlugin{},
		}},
		Cmd:              cmd,
		SkipHostEnv:      true, // cmd.Env already has it; go-plugin would add it once more, after opts.Env
		AllowedProtocols: []plugin.Protocol{plugin.ProtocolGRPC},
		Logger:           logger(opts.Log),
		StartTimeout:     startTimeout,
	})
	p := &Plugin{client: client, cancel: cancel}
	if err := p.connect(); err != nil {
		p.Stop()
		return nil, fmt.Errorf("start %s: %w", path, err)
	}
	return p, nil
}

// Stop asks the plugin to end, kills it after two seconds, and returns when it is gone. A second call does nothing.
func (p *Plugin) Stop() {
	p.client.Kill()
	p.cancel()
}

// PID is the plugin's process, for those who measure it; 0 once it has ended.
func (p *Plugin) PID() int {
	if config := p.client.ReattachConfig(); config != nil {
		return config.Pid
	}
	return 0
}

// connect starts the process and dispenses its services.
func (p *Plugin) connect() error {
	protocol, err := p.client.Client()
	if err != nil {
		return err
	}
	return errors.Join(
		dispense(protocol, "data", &p.data),
		dispense(protocol, "diagnostics", &p.diagnostics),
		dispense(protocol, "resource", &p.resource),
		dispense(protocol, "stream", &p.stream),
	)
}

// dispense asks for the service called name and stores it in to.
func dispense[T any](protocol plugin.ClientProtocol, name string, to *T) error {
	raw, err := protocol.Dispense(name)
	if err != nil {
		return fmt.Errorf("service %s: %w", name, err)
	}
	service, ok := raw.(T)
	if !ok {
		return fmt.Errorf("service %s has the type %T", name, raw)
	}
	*to = service
	return nil
}

func logger(w io.Writer) hclog.Logger {
	if w == nil {
		return hclog.NewNullLogger()
	}
	return hclog.New(&hclog.LoggerOptions{Name: "plugin", Output: w, Level: hclog.Debug})
}
