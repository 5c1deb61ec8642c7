package pluginrun

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/genproto/pluginv2"
)

// QueryData sends req as a dashboard or an alert rule would. The error is the call's own;
// what went wrong with one query stands in its DataResponse.
func (p *Plugin) QueryData(ctx context.Context, req *backend.QueryDataRequest) (*backend.QueryDataResponse, error) {
	resp, err := p.data.QueryData(ctx, backend.ToProto().QueryDataRequest(req))
	if err != nil {
		return nil, fmt.Errorf("query data: %w", err)
	}
	out, err := backend.FromProto().QueryDataResponse(resp)
	if err != nil {
		return nil, fmt.Errorf("query data: decode the answer: %w", err)
	}
	return out, nil
}

// CheckHealth asks what "Save & test" asks.
func (p *Plugin) CheckHealth(ctx context.Context, req *backend.CheckHealthRequest) (*backend.CheckHealthResult, error) {
	resp, err := p.diagnostics.CheckHealth(ctx, &pluginv2.CheckHealthRequest{ // the SDK converts this one only the other way
		PluginContext: backend.ToProto().PluginContext(req.PluginContext),
		Headers:       req.Headers,
	})
	if err != nil {
		return nil, fmt.Errorf("check health: %w", err)
	}
	return backend.FromProto().CheckHealthResponse(resp), nil
}

// CollectMetrics returns what Grafana serves at /metrics/plugins/<id>, in Prometheus' text format.
func (p *Plugin) CollectMetrics(ctx context.Context) (string, error) {
	resp, err := p.diagnostics.CollectMetrics(ctx, &pluginv2.CollectMetricsRequest{})
	if err != nil {
		return "", fmt.Errorf("collect metrics: %w", err)
	}
	return string(resp.GetMetrics().GetPrometheus()), nil
}

// CallResource sends an HTTP-like call and returns the whole answer, its body joined when the plugin sends it in pieces.
func (p *Plugin) CallResource(ctx context.Context, req *backend.CallResourceRequest) (*backend.CallResourceResponse, error) {
	stream, err := p.resource.CallResource(ctx, backend.ToProto().CallResourceRequest(req))
	if err != nil {
		return nil, fmt.Errorf("call resource %s: %w", req.Path, err)
	}
	var whole *backend.CallResourceResponse
	for {
		piece, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("call resource %s: %w", req.Path, err)
		}
		if whole == nil { // status and headers come with the first piece only
			whole = backend.FromProto().CallResourceResponse(piece)
			continue
		}
		whole.Body = append(whole.Body, piece.GetBody()...)
	}
	if whole == nil {
		return nil, fmt.Errorf("call resource %s: the plugin closed without an answer", req.Path)
	}
	return whole, nil
}

// ErrNoChannel means that the plugin lets nobody follow a channel.
var ErrNoChannel = errors.New("the plugin has no such channel")

// Follow subscribes to a channel as a browser does, and takes its messages until ctx ends, the plugin ends the channel, or
// take fails. The end of ctx is no error.
func (p *Plugin) Follow(ctx context.Context, at backend.PluginContext, path string, data []byte, take func(message []byte) error) error {
	where := backend.ToProto().PluginContext(at)
	allowed, err := p.stream.SubscribeStream(ctx, &pluginv2.SubscribeStreamRequest{PluginContext: where, Path: path, Data: data})
	if err != nil {
		return fmt.Errorf("subscribe to %s: %w", path, err)
	}
	if allowed.GetStatus() != pluginv2.SubscribeStreamResponse_OK {
		return fmt.Errorf("%w: %s (%s)", ErrNoChannel, path, allowed.GetStatus())
	}
	stream, err := p.stream.RunStream(ctx, &pluginv2.RunStreamRequest{PluginContext: where, Path: path, Data: data})
	if err != nil {
		return fmt.Errorf("follow %s: %w", path, err)
	}
	for {
		packet, err := stream.Recv()
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil:
			return fmt.Errorf("follow %s: %w", path, err)
		}
		if err := take(packet.GetData()); err != nil {
			return err
		}
	}
}
