package redact

import (
	"strings"
	"testing"
)

func TestTextMasksSecretsAndKeepsTheRest(t *testing.T) {
	for name, line := range map[string]string{
		"report_log":       `[report_log]: b'{\n    "task_id": "t1",\n    "token": "S3CRET",\n    "logs": []}'`,
		"report_log json":  `{"message": "[report_log]: b'{\\n    \"task_id\": \"t1\",\\n    \"token\": \"S3CRET\"}'"}`,
		"request info":     `request config gse_agent.conf failed. request info:0,10.0.0.1,agent,gse_agent.conf,S3CRET. http status:500`,
		"token brackets":   `token[S3CRET] 非法`,
		"assignment":       `curl -d bk_app_secret=S3CRET&x=1`,
		"python dict":      `params: {'bk_app_secret': 'S3CRET', 'a': 1}`,
		"bearer":           `Authorization: Bearer S3CRETS3CRETS3CRET`,
		"url":              `curl http://admin:S3CRET@host/x`,
		"jwt":              `x eyJhbGciOiJIUzI1NiJ9.S3CRET.S3CRET y`,
		"password colon":   `password: S3CRET`,
		"escaped password": `{\"password\": \"S3CRET\"}`,
	} {
		if got := Text(line); strings.Contains(got, "S3CRET") || !strings.Contains(got, Mask) {
			t.Errorf("%s: %s", name, got)
		}
	}
	for _, line := range []string{
		`[3803009] 命令返回非零值：exit_status -> 6, stdout -> , stderr -> curl: (6) Could not resolve host: bkrepo.example.com`,
		`Esb token is empty!`,
		`[t ERROR] [script] [check_deploy_result] agent(PID:1) is not connect to gse server`,
	} {
		if got := Text(line); got != line {
			t.Errorf("changed %q to %q", line, got)
		}
	}
}
