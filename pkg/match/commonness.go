// Package match finds in which terms of the catalogue the lines of a stream are hits.
package match

import "math/bits"

// ordinary is what logs are full of, whoever writes them: times, numbers, identifiers, JSON keys, addresses and the
// words of things that go well. It is here to be counted; it decides how fast the filter is, never what it finds.
const ordinary = `{"levelname": "INFO", "asctime": "2024-10-22 17:01:02,345", "pathname": "/app/apps/backend/views.py", "lineno": 241, "funcName": "run", "process": 12, "thread": 140211873433344, "message": "0f3a9c1e2b7d4856 | request finished"}
{"log":"2025-03-18T09:46:57.123456789+08:00 stdout F time=\"2025-11-30T08:15:27Z\" level=info msg=\"reconcile complete\" duration=13ms\n","stream":"stdout","kubernetes":{"pod_name":"gateway-6f8b7d5c9-c4d8w","container_name":"server","namespace_name":"default"}}
[2026-12-05 23:59:48.607]  INFO [job-gateway,58e1c07d2a94b36f,a1b2c3d4e5f60789] 1 --- [reactor-http-epoll-2] c.t.b.j.common.service.impl.SomeServiceImpl : start to handle the request, appCode=bk_app, username=admin, cost=36
[2024-10-22 17:01:02 WARNING] execute command: curl http://download.example.com/data/setup_agent.sh -o /tmp/setup_agent.sh --connect-timeout 5 -sSf
DEBUG org.springframework.web.client.RestTemplate - HTTP GET https://10.0.6.21:8080/api/v3/system/status?id=42&page=1 response 200 OK
Task apps.tasks.sync_host_status[6c9f7d8b-5e2a-4b1c-9d3f-0a1b2c3d4e5f] succeeded in 0.123456789s: None, sub_inst_id -> [40735, 40736], ip -> 192.168.1.100
Oct 22 17:01:02 host-10-0-6-31 systemd[1]: Started Session 1234 of user root. type=service result=success error=0 code=0 failed=0 retry=0 count=10 total=100 size=4096 bytes
2024/10/22 17:01:02 [error] 31#31: *98765 the connection to the server was closed, client: 172.16.0.3, server: _, request: "POST /v1/query HTTP/1.1", host: "service.local"
the process has been initialized with the following configuration: node, agent, proxy, cluster, version, timeout, session, user, file, path, check, update, create, delete, connect, received, sending, waiting for, is not, cannot, could not, unable to, error while, exception in thread at line
"\u8282\u70b9\u7ba1\u7406 \u5b89\u88c5\u4efb\u52a1 \u6267\u884c\u6210\u529f" \xe6\x89\xa7\xe8\xa1\x8c b'{\n    \"task_id\": \"node_1\", \"logs\": [ {\"timestamp\": \"1700000000\", \"level\": \"INFO\", \"step\": \"setup\", \"status\": \"DONE\"} ]\n}'
`

// pairs counts the pairs of bytes in ordinary text, as logarithms.
var pairs = func() *[1 << 16]uint8 {
	counts := make([]uint32, 1<<16)
	for i := range len(ordinary) - 1 {
		counts[int(ordinary[i])<<8|int(ordinary[i+1])]++
	}
	logs := new([1 << 16]uint8)
	for i, n := range counts {
		logs[i] = uint8(bits.Len32(n))
	}
	return logs
}()

// commonness ranks grams by how often their pairs of bytes stand in ordinary text. A pair that never does weighs most.
func commonness(gram []byte) int {
	sum := 0
	for i := range len(gram) - 1 {
		n := int(pairs[int(gram[i])<<8|int(gram[i+1])])
		if n == 0 {
			n = -8
		}
		sum += n
	}
	return sum
}
