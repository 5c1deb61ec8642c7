package plugin

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/blueking/incidents/pkg/frames"
	"github.com/blueking/incidents/pkg/query"
)

const (
	// liveEvery is how often the logs are looked at for those who watch. All channels look at the same moments, the
	// whole multiples of it, so that they share what is read.
	liveEvery = 10 * time.Second
	livePaths = "live/"
	// farthestLive bounds how far back a channel looks: the years that a range can have.
	farthestLive = 290 * 365 * 24 * time.Hour
)

// watch is what a live channel shows: a query over the last milliseconds up to now. Its name is the channel's, so that
// nobody gets what another has asked for.
type watch struct {
	Query query.Query `json:"query"`
	// Span, Interval and Points are the length of the range and the distance of points in ms, and how many there may be.
	Span     int64 `json:"span"`
	Interval int64 `json:"interval,omitempty"`
	Points   int64 `json:"points,omitempty"`
}

// channel is where a watch is shown: what a browser subscribes to, with Grafana's words for it.
type channel struct {
	Path string `json:"path"`
	Data watch  `json:"data"`
}

// pushed is a message of a channel: the frame, and why it is not the whole truth. Without an error the answer is complete.
type pushed struct {
	Frame json.RawMessage `json:"frame,omitempty"`
	Error string          `json:"error,omitempty"`
}

// liveTypes are the queries that can be watched.
var liveTypes = []query.Type{query.Incidents, query.Count, query.Evidence}

// openChannel names the channel of a query, which is the body with the range as span. Nothing runs before somebody subscribes.
func (d *Datasource) openChannel(_ context.Context, r *http.Request) (any, error) {
	if d.config.Broken != nil {
		return nil, d.config.Broken
	}
	raw, err := body(r)
	if err != nil {
		return nil, err
	}
	w, err := d.watchOf(raw)
	if err != nil {
		return nil, err
	}
	return channel{Path: w.path(), Data: w}, nil
}

// watchOf reads and checks what is to be watched.
func (d *Datasource) watchOf(raw []byte) (watch, error) {
	if d.config.Forwards {
		return watch{}, errLiveIdentity
	}
	var given struct {
		watch
		Query json.RawMessage `json:"query"`
	}
	if err := json.Unmarshal(raw, &given); err != nil {
		return watch{}, badRequest("无法读取实时查询（%v）。请参照查询编辑器的写法。", "The live query cannot be read (%v). Write it as the query editor does.", err)
	}
	w := given.watch
	q, err := query.Parse(given.Query)
	if err != nil {
		return watch{}, err
	}
	if !slices.Contains(liveTypes, q.QueryType) {
		return watch{}, badRequest("%s 查询不能实时更新。请使用 %s。", "A query of type %s cannot be live. Use one of %s.", q.QueryType, fmt.Sprint(liveTypes))
	}
	if w.Span <= 0 || w.Span > farthestLive.Milliseconds() || w.Interval < 0 || w.Points < 0 {
		return watch{}, badRequest("span 必须是正的毫秒数（%d）。", "span has to be a positive number of milliseconds (%d).", w.Span)
	}
	q.Live = false // what it is here for, and no part of its name
	w.Query = q
	return w, nil
}

// path is the name of the channel. Equal watches have equal names, and nothing else has.
func (w watch) path() string {
	text, err := json.Marshal(w)
	if err != nil {
		return "" // strings and numbers always can be written
	}
	sum := sha256.Sum256(text)
	return livePaths + hex.EncodeToString(sum[:])
}

// at is the query as a panel would send it at a time.
func (w watch) at(now time.Time) (backend.DataQuery, error) {
	raw, err := json.Marshal(w.Query)
	if err != nil {
		return backend.DataQuery{}, fmt.Errorf("write a live query: %w", err)
	}
	return backend.DataQuery{
		RefID: "live", JSON: raw, MaxDataPoints: w.Points, Interval: time.Duration(w.Interval) * time.Millisecond,
		TimeRange: backend.TimeRange{From: now.Add(-time.Duration(w.Span) * time.Millisecond), To: now},
	}, nil
}

// shown finds what a channel shows. A name that is not that of its data belongs to somebody else.
func (d *Datasource) shown(path string, raw []byte) (watch, bool) {
	w, err := d.watchOf(raw)
	return w, err == nil && w.path() == path && d.config.Broken == nil
}

// SubscribeStream lets a browser follow a channel. What it shows first is the answer to the same query.
func (d *Datasource) SubscribeStream(_ context.Context, req *backend.SubscribeStreamRequest) (*backend.SubscribeStreamResponse, error) {
	status := backend.SubscribeStreamStatusNotFound
	if _, known := d.shown(req.Path, req.Data); known {
		status = backend.SubscribeStreamStatusOK
	}
	if d.config.Forwards {
		status = backend.SubscribeStreamStatusPermissionDenied
	}
	return &backend.SubscribeStreamResponse{Status: status}, nil
}

// PublishStream refuses: channels show what the logs say.
func (d *Datasource) PublishStream(context.Context, *backend.PublishStreamRequest) (*backend.PublishStreamResponse, error) {
	return &backend.PublishStreamResponse{Status: backend.PublishStreamStatusPermissionDenied}, nil
}

// RunStream answers the query of a channel again and again, and sends the answer when it has changed, or could not be
// found. Grafana runs it once for all who follow the channel, and ends it when the last has left.
func (d *Datasource) RunStream(ctx context.Context, req *backend.RunStreamRequest, sender *backend.StreamSender) error {
	w, known := d.shown(req.Path, req.Data)
	if !known {
		return errNoResource
	}
	var last []byte
	for {
		message, told, err := d.look(ctx, w)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil:
			return err
		case !bytes.Equal(told, last):
			if err := sender.SendJSON(message); err != nil {
				return fmt.Errorf("send to a live channel: %w", err)
			}
			last = told
		}
		now := d.config.Clock()
		next := time.NewTimer(now.Truncate(liveEvery).Add(liveEvery).Sub(now))
		select {
		case <-next.C:
		case <-ctx.Done():
			next.Stop()
			return ctx.Err()
		case <-d.disposed:
			next.Stop()
			return errClosed
		}
	}
}

// look answers the query of a channel as of now: the message, and what of it is news.
func (d *Datasource) look(ctx context.Context, w watch) (message, told []byte, err error) {
	q, err := w.at(d.config.Clock())
	if err != nil {
		return nil, nil, err
	}
	response := d.respond(ctx, q, nil, false)
	if message, err = messageOf(response); err != nil || len(response.Frames) == 0 {
		return message, message, err
	}
	response.Frames = data.Frames{frames.Told(response.Frames[0])}
	told, err = messageOf(response)
	return message, told, err
}

func messageOf(response backend.DataResponse) ([]byte, error) {
	var m pushed
	if response.Error != nil {
		m.Error = response.Error.Error()
	}
	if len(response.Frames) > 0 {
		frame, err := data.FrameToJSON(response.Frames[0], data.IncludeAll)
		if err != nil {
			return nil, fmt.Errorf("write a frame of a live channel: %w", err)
		}
		m.Frame = frame
	}
	return json.Marshal(m)
}
