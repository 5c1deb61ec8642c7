package event

import (
	"testing"
	"time"
)

var local = time.FixedZone("", 8*60*60)

func TestTime(t *testing.T) {
	second := time.Date(2024, 10, 22, 17, 1, 2, 0, local)
	millis := second.Add(345 * time.Millisecond)
	for name, c := range map[string]struct {
		line string
		want time.Time
	}{
		"execution log":         {"[2024-10-22 17:01:02 ERROR] x", second},
		"other bracket order":   {"2024-10-22 17:01:02 [ERROR] x", second},
		"installer":             {"2024-10-22 17:01:02 ERROR check_deploy_result FAILED x", second},
		"ZooKeeper":             {"2024-10-22 17:01:02,345:20417(0x7ff9f55c6c0):ZOO_ERROR@getaddrs@599: x", millis},
		"logback":               {"2024-10-22 17:01:02.345 ERROR [,,] 14 --- [main] c.t.X : y", millis},
		"logback in brackets":   {"[2024-10-22 17:01:02.345] ERROR [job-gateway,,] 1 --- [main] c.t.X : y", millis},
		"logback with colours":  {"\x1b[2m2024-10-22 17:01:02.345\x1b[0;39m \x1b[31mERROR\x1b[0;39m x", millis},
		"CRI":                   {"2024-10-22T09:01:02.345000000Z stdout F x", millis},
		"CRI, local":            {"2024-10-22T17:01:02.345+08:00 stdout F 2020-01-01 00:00:00 x", millis},
		"docker":                {`{"log":"[2020-01-01 00:00:00 INFO] x\n","stream":"stdout","time":"2024-10-22T09:01:02.345Z"}`, millis},
		"worker":                {`{"levelname": "ERROR", "asctime": "2024-10-22 17:01:02,345", "message": "2020-01-01 00:00:00"}`, millis},
		"worker in docker":      {`{"log":"{\"asctime\": \"2020-01-01 00:00:00,000\"}\n","time":"2024-10-22T09:01:02.345Z"}`, millis},
		"zone without a colon":  {"2024-10-22T17:01:02.345+0800 x", millis},
		"Windows":               {"Tue 10/22/2024 17:01:02.34 FAIL x", second.Add(340 * time.Millisecond)},
		"Windows, day first":    {"22/10/2024 17:01:02.34 FAIL x", second.Add(340 * time.Millisecond)},
		"Windows, Chinese":      {"2024/10/22 周二 17:01:02.34 FAIL x", second.Add(340 * time.Millisecond)},
		"byte order mark":       {"\ufeff2024-10-22 17:01:02 INFO x", second},
		"left out":              {"[时间略 ERROR] x", time.Time{}},
		"stack frame":           {"\tat org.springframework.web.client.RestTemplate.doExecute(RestTemplate.java:785)", time.Time{}},
		"empty":                 {"", time.Time{}},
		"no such day":           {"2024-13-22 17:01:02 x", time.Time{}},
		"JSON without a time":   {`{"levelname": "ERROR"}`, time.Time{}},
		"JSON with another one": {`{"time": 5, "asctime": "2024-10-22 17:01:02,345"}`, millis},
	} {
		t.Run(name, func(t *testing.T) {
			got, ok := Time(c.line, local)
			if ok == c.want.IsZero() || !got.Equal(c.want) {
				t.Errorf("got %v %t, want %v", got, ok, c.want)
			}
		})
	}
}

func FuzzTime(f *testing.F) {
	f.Add("[2024-10-22 17:01:02 ERROR] x")
	f.Add(`{"asctime": "2024-10-22 17:01:02,345"}`)
	f.Add("Tue 10/22/2024 17:01:02.34 FAIL x")
	f.Fuzz(func(t *testing.T, line string) {
		if got, ok := Time(line, local); ok && got.Year() < 1 {
			t.Errorf("%q: %v", line, got)
		}
	})
}
