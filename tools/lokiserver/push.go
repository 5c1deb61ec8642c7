package lokiserver

import (
	"bytes"
	"context"
	"fmt"
	"net/http"

	"github.com/golang/snappy"
	"github.com/grafana/loki/v3/pkg/logproto"
)

// maxPush bounds one push request in bytes before compression: Loki's receivers refuse 4 MiB by default,
// and the message grows by framing on its way through the distributor.
const maxPush = 3 << 20

// Push sends streams to the Loki at url for tenant ("" sends no tenant header) as snappy-compressed protobuf,
// in as few requests below 3 MB as the order of the entries allows. It stops at the first refusal, whose text the error carries.
// Lines older than three hours are answered to queries only after Flush.
func Push(ctx context.Context, url, tenant string, streams []logproto.Stream) error {
	for part := range split(streams, maxPush) {
		if err := pushOne(ctx, url, tenant, part); err != nil {
			return fmt.Errorf("push log lines to Loki: %w", err)
		}
	}
	return nil
}

func pushOne(ctx context.Context, url, tenant string, streams []logproto.Stream) error {
	message, err := (&logproto.PushRequest{Streams: streams}).Marshal()
	if err != nil {
		return fmt.Errorf("encode: %w", err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url+"/loki/api/v1/push", bytes.NewReader(snappy.Encode(nil, message)))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/x-protobuf")
	if tenant != "" {
		req.Header.Set("X-Scope-OrgID", tenant)
	}
	_, err = do(req)
	return err
}
