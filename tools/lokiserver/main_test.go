package lokiserver

import (
	"fmt"
	"net/http"
	"os"
	"strings"
	"sync/atomic"
	"testing"

	"go.yaml.in/yaml/v3"
)

// roleVar makes the test binary play another program: these tests start real processes without a Loki.
const roleVar = "LOKISERVER_TEST_ROLE"

// counterVar names a file to which a fake Loki adds a line per run: the path of its configuration.
const counterVar = "LOKISERVER_TEST_COUNTER"

func TestMain(m *testing.M) {
	switch os.Getenv(roleVar) {
	case "":
		os.Exit(m.Run())
	case "loki":
		playLoki()
	case "broken-loki":
		fmt.Fprintln(os.Stderr, "failed parsing config: field nonsense not found")
		os.Exit(1)
	case "unlucky-loki":
		fmt.Fprintln(os.Stderr, "listen tcp 127.0.0.1:1: bind: "+portTaken)
		countRun()
		os.Exit(1)
	}
}

func countRun() {
	f, err := os.OpenFile(os.Getenv(counterVar), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		panic(err)
	}
	fmt.Fprintln(f, configFile())
	_ = f.Close()
}

func configFile() string { return strings.TrimPrefix(os.Args[1], "-config.file=") }

// playLoki serves /ready on the configured port and is ready at the third question.
func playLoki() {
	config, err := os.ReadFile(configFile())
	if err != nil {
		panic(err)
	}
	var parsed struct {
		Server struct {
			Port int `yaml:"http_listen_port"`
		}
	}
	if err := yaml.Unmarshal(config, &parsed); err != nil {
		panic(err)
	}
	var asked atomic.Int32
	handler := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if asked.Add(1) < 3 {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	})
	server := http.Server{Addr: fmt.Sprintf("127.0.0.1:%d", parsed.Server.Port), Handler: handler}
	panic(server.ListenAndServe())
}
