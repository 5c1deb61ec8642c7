package plugin

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"runtime/debug"

	"github.com/grafana/grafana-plugin-sdk-go/backend"

	"github.com/blueking/incidents/pkg/frames"
	"github.com/blueking/incidents/pkg/logs"
	"github.com/blueking/incidents/pkg/query"
	"github.com/blueking/incidents/pkg/scan"
	"github.com/blueking/incidents/pkg/signature"
)

// said is an error with a text in both languages, each ending in what the user can do.
type said struct {
	zh, en string
	status backend.Status
	source backend.ErrorSource
	cause  error
}

func (e *said) Error() string { return e.en }

// Message returns the text in a language.
func (e *said) Message(lang string) string {
	if lang == string(signature.ZH) {
		return e.zh
	}
	return e.en
}

func (e *said) Unwrap() error { return e.cause }

// clientClosed is the status of a query that nobody waits for any more.
const clientClosed backend.Status = 499

var (
	errCanceled = &said{zh: "查询已被取消。如仍需要，请重新执行。", en: "The query was cancelled. Run it again if you still need it.",
		status: clientClosed, source: backend.ErrorSourceDownstream, cause: context.Canceled}
	errTimeout = &said{zh: "查询超时。请缩短时间范围，或在数据源设置中调高查询超时时间（queryTimeout）。",
		en:     "The query took too long. Choose a shorter time range, or raise the query timeout (queryTimeout) in the data source settings.",
		status: backend.StatusTimeout, source: backend.ErrorSourceDownstream, cause: context.DeadlineExceeded}
	errNoSelectors = &said{zh: "没有配置日志来源。请在数据源设置中添加日志流选择器。", en: "No log source is configured. Add a stream selector in the data source settings.",
		status: backend.StatusBadRequest, source: backend.ErrorSourceDownstream, cause: logs.ErrNoSelectors}
	errNotCollected = &said{zh: "没有任何已配置的来源包含这个日志流。请检查数据源设置中的日志流选择器。", en: "No configured source has this stream. Check the stream selectors in the data source settings.",
		status: backend.StatusNotFound, source: backend.ErrorSourceDownstream, cause: scan.ErrNotCollected}
	errNotNumeric = &said{zh: "告警规则只能使用 alert、count、health 查询，或 stat 为 lines、coverage 的 unmatched 查询。请修改规则的查询类型。",
		en:     "An alert rule can only use the query types alert, count and health, and unmatched with the stat lines or coverage. Change the query type of the rule.",
		status: backend.StatusBadRequest, source: backend.ErrorSourceDownstream}
	// errClosed tells that the settings changed while a query ran; Grafana asks the new instance next time.
	errClosed = &said{zh: "数据源设置刚刚被修改。请重新执行查询。", en: "The data source settings have just changed. Run the query again.",
		status: http.StatusServiceUnavailable, source: backend.ErrorSourceDownstream}
	errLiveIdentity = &said{zh: "该数据源以查看者的身份访问 Loki，因此不能实时更新。请使用面板的自动刷新。",
		en:     "The data source asks Loki as the user who looks, so nothing can be live. Let the dashboard refresh.",
		status: backend.StatusBadRequest, source: backend.ErrorSourceDownstream}
	errNoResource = &said{zh: "没有这个资源。可用的资源见 docs/contract.md。", en: "There is no such resource; docs/contract.md lists them.",
		status: backend.StatusNotFound, source: backend.ErrorSourceDownstream}
	errMethod = &said{zh: "该资源不支持此方法。请按 docs/contract.md 使用 GET 或 POST。", en: "The resource does not take this method. Use GET or POST as docs/contract.md says.",
		status: http.StatusMethodNotAllowed, source: backend.ErrorSourceDownstream}
	errPanic = &said{zh: "插件内部错误。请重试；如果仍然出现，请连同 Grafana 日志一起反馈。",
		en:     "The plugin failed. Try again; if it happens again, report it with Grafana's log.",
		status: backend.StatusInternal, source: backend.ErrorSourcePlugin}
)

// panicked makes an error of a panic; the stack goes to Grafana's log.
func panicked(ctx context.Context, p any) error {
	backend.Logger.FromContext(ctx).Error("The plugin panicked", "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
	return errPanic
}

// statuses are the statuses of what can go wrong between the plugin and a store.
var statuses = map[logs.Kind]backend.Status{
	logs.KindURL:         backend.StatusBadRequest,
	logs.KindDNS:         backend.StatusBadGateway,
	logs.KindRefused:     backend.StatusBadGateway,
	logs.KindTLS:         backend.StatusBadGateway,
	logs.KindAuth:        backend.StatusUnauthorized,
	logs.KindTenant:      backend.StatusForbidden,
	logs.KindNotReady:    http.StatusServiceUnavailable,
	logs.KindRateLimited: backend.StatusTooManyRequests,
	logs.KindTimeout:     backend.StatusTimeout,
	logs.KindHangs:       backend.StatusTimeout,
	logs.KindDropped:     backend.StatusBadGateway,
	logs.KindTooLarge:    backend.StatusValidationFailed,
	logs.KindLimit:       backend.StatusValidationFailed,
	logs.KindQuery:       backend.StatusBadRequest,
	logs.KindBlocked:     backend.StatusForbidden,
	logs.KindNotLoki:     backend.StatusBadGateway,
	logs.KindBroken:      backend.StatusBadGateway,
	logs.KindPartial:     backend.StatusBadGateway,
	logs.KindServer:      backend.StatusBadGateway,
	logs.KindCanceled:    clientClosed,
	logs.KindRequest:     backend.StatusInternal,
}

// classify finds status and source of an error, and the error whose text to show.
func classify(err error) (backend.Status, backend.ErrorSource, error) {
	var (
		ours    *said
		invalid *query.Error
		fromLog logs.Failure
	)
	switch {
	case errors.As(err, &ours):
		return ours.status, ours.source, ours
	case errors.As(err, &invalid):
		// What the user wrote is not the plugin's fault; Grafana's own data sources count it as downstream.
		if invalid.NotFound {
			return backend.StatusNotFound, backend.ErrorSourceDownstream, invalid
		}
		return backend.StatusBadRequest, backend.ErrorSourceDownstream, invalid
	case errors.As(err, &fromLog):
		source := backend.ErrorSourcePlugin
		if fromLog.Foreign() {
			source = backend.ErrorSourceDownstream
		}
		status, known := statuses[fromLog.FailedBy()]
		if !known {
			status = backend.StatusInternal
		}
		return status, source, err
	case errors.Is(err, context.Canceled):
		return errCanceled.status, errCanceled.source, errCanceled
	case errors.Is(err, context.DeadlineExceeded):
		return errTimeout.status, errTimeout.source, errTimeout
	case errors.Is(err, scan.ErrNotCollected):
		return errNotCollected.status, errNotCollected.source, errNotCollected
	case errors.Is(err, logs.ErrNoSelectors):
		return errNoSelectors.status, errNoSelectors.source, errNoSelectors
	}
	return backend.StatusInternal, backend.ErrorSourcePlugin, &said{
		zh: fmt.Sprintf("%v。请重试；如果仍然出现，请连同 Grafana 日志一起反馈。", err),
		en: fmt.Sprintf("%v. Try again; if it happens again, report it with Grafana's log.", err),
	}
}

// failure is the answer to a query that cannot be answered: never an empty frame, which would look like "no incidents".
func failure(err error, lang signature.Lang) backend.DataResponse {
	status, source, err := classify(err)
	return backend.ErrDataResponseWithSource(status, source, frames.Message(err, lang))
}
