package ship

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// ESBOptions say how nodeman's API is called.
type ESBOptions struct {
	// URL is the address of BlueKing's ESB, such as http://bkapi.example.com.
	URL string
	// AppCode, AppSecret and Username identify the caller.
	AppCode, AppSecret, Username string
	HTTP                         *http.Client
}

// esbPage is how many instances of a job are asked for at a time; esbAnswer bounds an answer.
const (
	esbPage   = 200
	esbAnswer = 16 << 20
)

// errESB means that the API refused or did not answer.
var errESB = errors.New("nodeman's API")

type esbAPI struct{ ESBOptions }

// instance is a host's part of a job.
type instance struct {
	InstanceID string `json:"instance_id"`
	IP         string `json:"ip"`
	InnerIP    string `json:"inner_ip"`
	InnerIPv6  string `json:"inner_ipv6"`
	CloudID    int    `json:"bk_cloud_id"`
	Status     string `json:"status"`
}

func (i instance) host() string {
	for _, ip := range []string{i.InnerIP, i.IP, i.InnerIPv6} {
		if ip != "" {
			return ip
		}
	}
	return ""
}

// step is one step of an instance with its log.
type step struct {
	Step      string `json:"step"`
	Status    string `json:"status"`
	Log       string `json:"log"`
	StartTime string `json:"start_time"`
}

// instances lists the instances of a job; false means that there is no such job.
func (a *esbAPI) instances(ctx context.Context, job uint64) ([]instance, bool, error) {
	var all []instance
	for page := 1; ; page++ {
		var data struct {
			Total int        `json:"total"`
			List  []instance `json:"list"`
		}
		body := map[string]any{"job_id": job, "conditions": []any{}, "page": page, "pagesize": esbPage}
		if ok, err := a.call(ctx, http.MethodPost, "job/details/", body, &data); err != nil || !ok {
			return nil, false, err
		}
		all = append(all, data.List...)
		if len(data.List) < esbPage || len(all) >= data.Total {
			return all, true, nil
		}
	}
}

func (a *esbAPI) log(ctx context.Context, job uint64, instance string) ([]step, error) {
	var steps []step
	_, err := a.call(ctx, http.MethodGet, "job/log/", map[string]any{"job_id": job, "instance_id": instance}, &steps)
	return steps, err
}

// call asks the API; false means that what was asked for does not exist.
func (a *esbAPI) call(ctx context.Context, method, path string, params map[string]any, data any) (bool, error) {
	params["bk_app_code"], params["bk_app_secret"], params["bk_username"] = a.AppCode, a.AppSecret, a.Username
	address := strings.TrimSuffix(a.URL, "/") + "/api/c/compapi/v2/nodeman/api/" + path
	var body io.Reader
	if method == http.MethodGet {
		query := url.Values{}
		for name, value := range params {
			query.Set(name, fmt.Sprint(value))
		}
		address += "?" + query.Encode()
	} else {
		raw, err := json.Marshal(params)
		if err != nil {
			return false, err
		}
		body = bytes.NewReader(raw)
	}
	req, err := http.NewRequestWithContext(ctx, method, address, body)
	if err != nil {
		return false, fmt.Errorf("%w: the address cannot be used", errESB)
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := a.HTTP.Do(req)
	if err != nil {
		var u *url.Error
		if errors.As(err, &u) { // its text has the query with the secret
			err = u.Err
		}
		return false, fmt.Errorf("%w: %s: %w", errESB, path, err)
	}
	defer func() { _ = res.Body.Close() }()
	var answer struct {
		Result  bool            `json:"result"`
		Code    json.RawMessage `json:"code"`
		Message string          `json:"message"`
		Data    json.RawMessage `json:"data"`
	}
	if err := json.NewDecoder(io.LimitReader(res.Body, esbAnswer)).Decode(&answer); err != nil {
		return false, fmt.Errorf("%w: %s: status %d, no JSON: %w", errESB, path, res.StatusCode, err)
	}
	if !answer.Result {
		if res.StatusCode == http.StatusNotFound || notFound(answer.Message) {
			return false, nil
		}
		return false, fmt.Errorf("%w: %s: status %d, code %s: %s", errESB, path, res.StatusCode, answer.Code, answer.Message)
	}
	if err := json.Unmarshal(answer.Data, data); err != nil {
		return false, fmt.Errorf("%w: %s: %w", errESB, path, err)
	}
	return true, nil
}

// notFound recognises the texts by which nodeman says that a job does not exist: `任务ID【7】不存在`, in English `… does not exist`.
func notFound(message string) bool {
	lower := strings.ToLower(message)
	for _, mark := range []string{"不存在", "not exist", "not found", "doesn't exist"} {
		if strings.Contains(lower, mark) {
			return true
		}
	}
	return false
}

// ESBFrom reads who calls: bk_app_code, bk_app_secret and bk_username as JSON.
func ESBFrom(text string) (o ESBOptions, err error) {
	var who struct {
		Code     string `json:"bk_app_code"`
		Secret   string `json:"bk_app_secret"`
		Username string `json:"bk_username"`
	}
	if json.Unmarshal([]byte(text), &who) != nil || who.Code == "" || who.Secret == "" {
		return o, errors.New(`the caller of nodeman's API cannot be read: write {"bk_app_code": "…", "bk_app_secret": "…", "bk_username": "admin"}`)
	}
	return ESBOptions{AppCode: who.Code, AppSecret: who.Secret, Username: who.Username}, nil
}
