package nodeman

import (
	"context"
	"encoding/json"
	"fmt"
	"time"
)

// Failure is a step that fails in a way that the troubleshooting guide or the catalogue knows.
type Failure struct {
	// Signature is what it must be recognised as, on Host.
	Signature, Host string
	// Step and Text are what the execution log says.
	Step, Text string
	// Service and Script say what the worker prints of it, too: an exception of a service, or a report of the installer's
	// step. What has neither is in the database only.
	Service, Script string

	Record int64
	At     time.Time
}

const download = "curl http://bkrepo.example.com/generic/blueking/bknodeman/data/bkee/public/bknodeman/download/setup_agent.sh -o /tmp/setup_agent.sh --connect-timeout 5 -sSfg"

// failures of a day: the five cases of the guide, and those of which no pod prints anything.
var failures = []Failure{
	{Signature: "curl-dns", Host: "10.0.1.11", Step: "安装", Text: "[3803009] 命令返回非零值：exit_status -> 6, stdout -> , stderr -> curl: (6) Could not resolve host: bkrepo.example.com", Service: "InstallService"},
	{Signature: "curl-timeout", Host: "10.0.1.12", Step: "安装", Text: "[3803009] 命令返回非零值：exit_status -> 28, stdout -> , stderr -> curl: (28) Connection timed out after 5001 milliseconds", Service: "InstallService"},
	{Signature: "curl-404", Host: "10.0.1.13", Step: "安装", Text: "[3803009] 命令返回非零值：exit_status -> 22, stdout -> , stderr -> curl: (22) The requested URL returned error: 404 Not Found", Service: "InstallService"},
	{Signature: "gse-not-connected", Host: "10.0.1.14", Step: "安装", Text: "[script] [check_deploy_result] agent(PID:28712) is not connect to gse server", Script: "check_deploy_result"},
	{Signature: "job-api-401", Host: "10.0.1.15", Step: "下发安装包", Text: "[1306201] [作业平台]API请求异常：(Component request third-party system [JOBV3] interface [fast_transfer_file] error: Status Code: 401, Error Message: third-party system interface response status code is not 200, please try again later or contact component developer to handle this) path => /api/c/compapi/v2/jobv3/fast_transfer_file/", Service: "TransferPackageService"},
	{Signature: "install-timeout", Host: "10.0.1.16", Step: "安装", Text: "安装超时"},
	{Signature: "no-alive-proxy", Host: "10.0.1.17", Step: "选择接入点", Text: "管控区域 -> 3 下无存活的 Proxy"},
	{Signature: "ap-unreachable", Host: "10.0.1.18", Step: "选择接入点", Text: "自动选择接入点失败，接入点均 ping 不可达"},
	{Signature: "auth-expired", Host: "10.0.1.19", Step: "安装", Text: "登录认证信息已被清空"},
	{Signature: "job-result-failed", Host: "10.0.1.20", Step: "下发安装包", Text: "作业平台执行失败: 作业执行状态 -> 11「任务失败」, 主机任务状态码 -> 117「Agent异常」"},
	{Signature: "agent-abnormal-plugin", Host: "10.0.1.21", Step: "更新插件部署记录", Text: "10086:AGENT异常[TERMINATED]，请尝试恢复AGENT状态或重装AGENT。"},
	{Signature: "win-wmi-services", Host: "10.0.1.22", Step: "安装", Text: "正在安装 Windows AGENT, 命令执行失败，请确认: \n1. 检查文件共享相关服务，确认以下服务均已开启\n    - Function Discovery Resource Publication\n    - SSDP Discovery \n2. 检查网卡 Microsoft 网络客户端、Microsoft 网络的文件和打印机共享是否开启"},
}

// healthy is how many hosts are installed without a failure for each that fails.
const healthy = 8

// Day writes the tasks of the 24 hours before now: failures spread over the day, among hosts that are installed without
// one. It returns the failures with their records and times.
func (d DB) Day(ctx context.Context, now time.Time) ([]Failure, error) {
	out := make([]Failure, len(failures))
	gap := 23 * time.Hour / time.Duration(len(failures))
	record, task := int64(51000), int64(400)
	for i, f := range failures {
		at := now.Add(-23 * time.Hour).Add(time.Duration(i) * gap).Truncate(time.Second)
		task++
		for n := range healthy {
			record++
			if err := d.install(ctx, Record{ID: record, Task: task, IP: fmt.Sprintf("10.1.%d.%d", i, n+1), HostID: int(record)}, at.Add(time.Duration(n)*time.Minute), nil); err != nil {
				return nil, err
			}
		}
		record++
		f.Record, f.At = record, at.Add(healthy*time.Minute)
		if err := d.install(ctx, Record{ID: record, Task: task, IP: f.Host, HostID: int(record)}, f.At, &f); err != nil {
			return nil, err
		}
		out[i] = f
	}
	return out, nil
}

// install runs the steps of one host. The one that fails is the last.
func (d DB) install(ctx context.Context, r Record, at time.Time, f *Failure) error {
	if err := d.AddRecord(ctx, &r, at); err != nil {
		return err
	}
	for n, name := range []string{"选择接入点", "安装", "下发安装包", "更新插件部署记录"} {
		step, err := d.Begin(ctx, r.ID, fmt.Sprintf("n%031x", r.ID*10+int64(n)), name, at)
		if err != nil {
			return err
		}
		at = at.Add(2 * time.Second)
		if name == "安装" {
			if err := step.Log(ctx, at, "INFO", "执行命令: "+download); err != nil {
				return err
			}
			at = at.Add(5 * time.Second)
		}
		if f != nil && f.Step == name {
			f.At = at
			if err := step.Log(ctx, at, "ERROR", f.Text); err != nil {
				return err
			}
			if err := step.Log(ctx, at, "DEBUG", Fold("Traceback (most recent call last):\n  File \"/app/apps/backend/components/collections/base.py\", line 300, in run")); err != nil {
				return err
			}
			return step.End(ctx, at, "FAILED", "ERROR", name+" 失败，请先尝试查看日志并处理，若无法解决，请联系管理员处理。")
		}
		at = at.Add(3 * time.Second)
		if err := step.End(ctx, at, "SUCCESS", "INFO", name+" 成功"); err != nil {
			return err
		}
	}
	return nil
}

// Worker is the line that the task engine's worker prints of a failure on its standard output; false when it prints none.
func (f Failure) Worker() (string, bool) {
	level, function := "ERROR", "exception"
	var message string
	switch {
	case f.Service != "":
		message = fmt.Sprintf("[task_engine][service_task_exc_handler:%s] sub_inst_id -> %d, exc -> %s", f.Service, f.Record, f.Text)
	case f.Script != "":
		level, function = "WARNING", "handle_report_data"
		message = fmt.Sprintf("[app_core_remote:handle_report_data:scripts_error] install failed: sub_inst_id -> %d, ip -> %s, labels -> {'step': '%s', 'os': 'LINUX'}, log -> %s", f.Record, f.Host, f.Script, f.Text)
	default:
		return "", false
	}
	line, err := json.Marshal(map[string]any{
		"levelname": level, "asctime": f.At.In(Zone).Format("2006-01-02 15:04:05,000"), "pathname": "/app/apps/backend/components/collections/core.py",
		"lineno": 58, "funcName": function, "process": 45, "thread": 139712345678912, "message": "7f3a0c2e9b1d4e6f8a0b1c2d3e4f5a6b | " + message,
	})
	if err != nil {
		return "", false
	}
	return string(line), true
}
