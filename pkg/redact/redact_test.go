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

		"quoted value":       `password="S3CRET x"`,
		"quoted option":      `--token='S3CRET'`,
		"escaped in a shell": `bash -c \"mysql --password=\\\"S3CRET\\\"\"`,
		"option with space":  `gsectl --password S3CRET --port 48668`,
		"installer token":    `执行命令: sudo bash /tmp/setup_agent.sh -s n5c1 -r http://10.0.0.1/backend -T /tmp/ -p /usr/local/gse -c S3CRET1234= -O 48668`,
		"proxy's installer":  `nohup bash setup_proxy.sh -T S3CRETTOKEN -c "S3CRET9876"`,
		"windows service":    `setup_agent.bat -T C:\tmp\ -c S3CRET1234 -U administrator -P "S3CRETaGVsbG8="`,
		"combined commands":  `bash -c 'exec 2>&1 && chmod +x /tmp/setup_agent.ksh && /tmp/setup_agent.ksh -c S3CRET1234 -s x'`,
		"curl's user":        `curl -u admin:S3CRET http://10.0.0.1/x`,
		"curl's proxy user":  `curl --proxy-user "admin:S3CRET" http://10.0.0.1/x`,
		"sshpass":            `sshpass -p 'S3CRET' ssh root@10.0.0.1`,
		"plink":              `plink -ssh root@10.0.0.1 -pw S3CRET ls`,
		"mysql":              `mysql -h10.0.0.1 -uroot -pS3CRET bk_nodeman`,
		"net use":            `net use \\10.0.0.1\ipc$ "S3CRET" /user:administrator`,
		"wmiexec":            `python wmiexec.py administrator:S3CRET@10.0.0.1 "dir"`,
		"sudo from a pipe":   `echo 'S3CRET' | sudo -S mkdir /data`,
		"passwd":             `echo S3CRET | passwd --stdin gse`,
		"chpasswd":           `echo "root:S3CRET" | chpasswd`,
		"Chinese":            `账号 root，密码：S3CRET，端口 22`,
		"key":                "x\n-----BEGIN RSA PRIVATE KEY-----\nS3CRET\nS3CRET=\n-----END RSA PRIVATE KEY-----\ny",
		"half a key":         "-----BEGIN OPENSSH PRIVATE KEY-----\nS3CRET\nS3CRET",
		"access key":         `export AWS_ACCESS_KEY_ID=AKIAS3CRETS3CRETS3CR`,
		"plain header":       `curl -H "Authorization: S3CRETS3CRET"`,
		"pwd":                `{"user": "a", "pwd": "S3CRET"}`,
	} {
		if got := Text(line); strings.Contains(got, "S3CRET") || !strings.Contains(got, Mask) {
			t.Errorf("%s: %s", name, got)
		}
	}
	for _, line := range []string{
		`[3803009] 命令返回非零值：exit_status -> 6, stdout -> , stderr -> curl: (6) Could not resolve host: bkrepo.example.com`,
		`Esb token is empty!`,
		`执行命令: nohup bash /tmp/setup_agent.sh -s n7c6d -T /tmp/ -p /usr/local/gse -i 0 -I 10.0.0.1 -N SERVER -O 48668 -E 58925`,
		`curl -u http://10.0.0.1:30300/backend -o /tmp/x`,
		`bash -c 'exec 2>&1 && mkdir -p /tmp/'`,
		`sudo: a password is required`,
		`[3803005] 认证失败，请检查登录信息: Permission denied for user root on host 10.0.0.1`,
		`密码错误`,
		`mysql: command not found -pedantic`,
		`[t ERROR] [script] [check_deploy_result] agent(PID:1) is not connect to gse server`,
	} {
		if got := Text(line); got != line {
			t.Errorf("changed %q to %q", line, got)
		}
	}
}
