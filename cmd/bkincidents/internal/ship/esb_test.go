package ship

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"
)

// api is nodeman's API with the jobs of a test.
type api struct {
	jobs map[string]string // number → status of its only instance
	logs map[string]string
	asks []string
}

func (a *api) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	params := map[string]any{}
	if r.Method == http.MethodPost {
		_ = json.NewDecoder(r.Body).Decode(&params)
	} else {
		for name := range r.URL.Query() {
			params[name] = r.URL.Query().Get(name)
		}
	}
	job := fmt.Sprint(params["job_id"])
	a.asks = append(a.asks, r.URL.Path+" "+job)
	answer := map[string]any{"result": true, "code": 0}
	switch {
	case params["bk_app_secret"] != "S3CRET":
		answer = map[string]any{"result": false, "code": 20101, "message": "App authentication failed"}
	case a.jobs[job] == "":
		answer = map[string]any{"result": false, "code": 3801000, "message": "任务ID【" + job + "】不存在"}
	case strings.HasSuffix(r.URL.Path, "/nodeman/api/job/details/"):
		answer["data"] = map[string]any{"total": 1, "list": []any{map[string]any{"instance_id": "host|instance|host|7", "inner_ip": "10.0.0.7", "bk_cloud_id": 3, "status": a.jobs[job]}}}
	default:
		answer["data"] = []any{map[string]any{"step": "安装", "status": a.jobs[job], "log": a.logs[job], "start_time": "2024-10-22 17:01:00"}}
	}
	_ = json.NewEncoder(w).Encode(answer)
}

func TestTheAPIIsReadFromTheFirstOpenJobOn(t *testing.T) {
	server := &api{
		jobs: map[string]string{"40": "SUCCESS", "41": "RUNNING", "43": "FAILED"},
		logs: map[string]string{
			"40": "[2024-10-22 17:01:02 INFO] 开始 安装.", "43": "[2024-10-22 17:01:05 ERROR] 安装超时",
			"41": "[2024-10-22 17:01:02 INFO] a\n[2024-10-22 17:01:03 INFO] b",
		},
	}
	web := httptest.NewServer(server)
	defer web.Close()
	loki := newStore(t)
	now := func() time.Time { return at("17:10:00") }
	src := NewESB(ESBOptions{URL: web.URL, AppCode: "bk", AppSecret: "S3CRET", Username: "admin", HTTP: web.Client()}, 40, zone, now)
	position := open(t, "")
	s, _ := shipper(t, loki.URL, src, position, now)
	once(t, s)
	texts := func() []string {
		var out []string
		for _, key := range loki.lines(label) {
			_, text, _ := strings.Cut(key, "[")
			out = append(out, "["+text)
		}
		slices.Sort(out)
		return out
	}
	if want := []string{"[2024-10-22 17:01:02 INFO] a", "[2024-10-22 17:01:02 INFO] 开始 安装.", "[2024-10-22 17:01:05 ERROR] 安装超时"}; !slices.Equal(texts(), want) {
		t.Fatalf("shipped %q, want %q", texts(), want)
	}
	if m, _ := position.Mark(passJob); m.ID != 41 {
		t.Errorf("continues with job %d, want the one that runs", m.ID)
	}
	for key, meta := range loki.meta {
		if !strings.Contains(meta, "10.0.0.7") || !strings.Contains(meta, "安装") || !strings.Contains(meta, "bk_cloud_id") {
			t.Errorf("%s has %s", key, meta)
		}
	}
	server.jobs["41"], server.asks = "SUCCESS", nil
	once(t, s)
	if !slices.Contains(texts(), "[2024-10-22 17:01:03 INFO] b") || len(texts()) != 4 {
		t.Errorf("shipped %q", texts())
	}
	if m, _ := position.Mark(passJob); m.ID != 44 || slices.Contains(server.asks, "/api/c/compapi/v2/nodeman/api/job/details/ 40") {
		t.Errorf("continues with job %d after %v", m.ID, server.asks)
	}
	for key, n := range loki.streams[label] {
		if n != 1 {
			t.Errorf("pushed %d times: %s", n, key)
		}
	}
}

func TestTheAPIsRefusalIsSaidWithoutTheSecret(t *testing.T) {
	web := httptest.NewServer(&api{})
	defer web.Close()
	for name, o := range map[string]ESBOptions{
		"wrong secret": {URL: web.URL, AppCode: "bk", AppSecret: "S3CRET-wrong", HTTP: web.Client()},
		"no answer":    {URL: "http://127.0.0.1:1", AppCode: "bk", AppSecret: "S3CRET", HTTP: web.Client()},
	} {
		src := NewESB(o, 1, zone, time.Now)
		err := src.Changed(t.Context(), open(t, ""), func(Row) error { return nil })
		if err == nil || strings.Contains(err.Error(), "S3CRET") || !strings.Contains(hint(err), "--esb") {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := src.api.log(t.Context(), 1, "x"); err == nil || strings.Contains(err.Error(), "S3CRET") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
