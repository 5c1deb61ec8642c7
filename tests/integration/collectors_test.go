//go:build integration

package integration

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/blueking/incidents/tests/collectors"
	"github.com/blueking/incidents/tools/lokiserver"
)

// container is the log file of a pod, with what service discovery says of the pod.
func container(pod, name, stream string, at time.Time, lines ...string) collectors.File {
	return collectors.File{
		Path: "/var/log/pods/blueking_" + pod + "_0a1b/" + name + "/0.log",
		Discovered: map[string]string{
			"__meta_kubernetes_namespace": "blueking", "__meta_kubernetes_pod_name": pod,
			"__meta_kubernetes_pod_uid": "0a1b", "__meta_kubernetes_pod_container_name": name,
		},
		Lines: collectors.InContainer(at, stream, lines...),
		At:    time.Now(),
	}
}

// TestWhatTheCollectorsPushIsFoundWithTheDefaults follows lines from the files of a node and a host through the shipped
// collector configurations into Loki, and asks a data source on which nothing but the address is set.
func TestWhatTheCollectorsPushIsFoundWithTheDefaults(t *testing.T) {
	const cluster, host = "collected", "10.8.0.7"
	load := func(name string) collectors.Config {
		t.Helper()
		p, err := collectors.LoadAlloy(filepath.Join("..", "..", "provisioning", "collectors", name), map[string]string{
			"LOKI_URL": lokiURL(), "CLUSTER_NAME": cluster, "HOST_IP": host,
		})
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	at := time.Now().Add(-10 * time.Minute).Truncate(time.Second)
	clock := at.Format("2006-01-02 15:04:05")
	const refused = `Component request third-party system [JOBV3] interface [fast_execute_script] error: Status Code: 401, Error Message: third-party system interface response status code is not 200`
	pods, err := load("alloy-kubernetes.alloy").Collect(
		container("bk-job-gateway-5d9c-x", "job-gateway", "stdout", at,
			clock+".456 ERROR [job-gateway,,] 14 --- [           main] c.t.b.j.g.s.impl.EsbJwtServiceImpl       : Build esb jwt public key caught error!",
			"",
			`org.springframework.web.client.ResourceAccessException: I/O error on GET request for "http://bkapi.example.com/api/c/compapi/v2/esb/get_api_public_key": Read timed out; nested exception is java.net.SocketTimeoutException: Read timed out`,
			"\tat org.springframework.web.client.RestTemplate.doExecute(RestTemplate.java:785) ~[spring-web-5.3.20.jar!/:5.3.20]",
			clock+".500  INFO [job-gateway,,] 14 --- [           main] c.t.b.j.g.Main : still here",
		),
		container("bk-nodeman-backend-bworker-6f-x", "bk-nodeman-backend-bworker", "stderr", at.Add(time.Second),
			`{"levelname": "ERROR", "asctime": "`+clock+`,345", "message": "7f3a0c2e9b1d | [task_engine][service_run_exc_handler:TransferPackageService] act_name -> transfer_package, exc -> [1306201] [JOB]API request exception: (`+refused+`) path => /api/c/compapi/v2/jobv3/fast_execute_script/"}`,
		),
		container("bk-cmdb-web-6f-x", "web", "stdout", at, "[JOBV3] interface [x] error: Status Code: 401"),
	)
	if err != nil {
		t.Fatal(err)
	}
	files, err := load("alloy-linux.alloy").Collect(
		collectors.File{Path: "/var/log/gse_bkce/agent-err.log", At: at, Lines: []string{
			clock + ",456:12345(0x7f2c5a1fb700):ZOO_ERROR@getaddrs@599: getaddrinfo: No such file or directory",
		}},
		collectors.File{Path: "/tmp/nm.setup_agent.sh.node_1", At: at, Lines: []string{
			clock + " ERROR check_deploy_result FAILED agent(PID:4711) is not connect to gse server",
		}},
		collectors.File{Path: "/tmp/nm.setup_agent.sh.node_1.debug", At: at, Lines: []string{"+ token=secret agent(PID:1) is not connect to gse server"}},
	)
	if err != nil {
		t.Fatal(err)
	}
	if len(pods) != 2 || len(files) != 2 {
		t.Fatalf("pushed %v and %v", pods, files)
	}
	if err := lokiserver.Push(t.Context(), lokiURL(), "", append(pods, files...)); err != nil {
		t.Fatal(err)
	}

	s := settings{"store": "loki", "language": "en"}
	from, to := at.Add(-time.Hour), time.Now()
	f := frame(t, lokiURL(), s, from, to, ask{"queryType": "incidents", "clusters": []string{cluster}})
	signatures, hosts, counts := column[string](t, f, "signature"), column[string](t, f, "hosts"), column[int64](t, f, "count")
	want := map[string]string{"job-jwt-key-timeout": "", "job-api-401": "", "gse-zk-unresolved": host, "gse-not-connected": host}
	for i, id := range signatures {
		expected, known := want[id]
		if !known || hosts[i] != expected || counts[i] != 1 {
			t.Errorf("%s on %q, %d lines; want one line of each of %v", id, hosts[i], counts[i], want)
		}
		delete(want, id)
	}
	if len(want) > 0 {
		t.Errorf("not found: %v in %v", want, signatures)
	}

	// The exception came as one record, though the pod wrote it on several lines.
	record := frame(t, lokiURL(), s, from, to, ask{"queryType": "evidence", "signatures": []string{"job-jwt-key-timeout"}, "clusters": []string{cluster}})
	bodies := column[string](t, record, "body")
	if len(bodies) != 1 || strings.Count(bodies[0], "\n") != 3 || !strings.Contains(bodies[0], "RestTemplate.java") || strings.Contains(bodies[0], "still here") {
		t.Errorf("the gateway's record: %q", bodies)
	}
	if !slices.Contains(signatures, "job-api-401") {
		return
	}
	verdicts := column[string](t, f, "verdict")
	if v := verdicts[slices.Index(signatures, "job-api-401")]; v != "confirmed" {
		t.Errorf("the gateway's record of the same cluster is the cause: verdict %s", v)
	}
}
