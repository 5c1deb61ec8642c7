package match_test

import (
	"os"
	"testing"

	"github.com/blueking/incidents/pkg/match"
	"github.com/blueking/incidents/pkg/signature"
)

func BenchmarkCleanLine(b *testing.B) {
	data, err := os.ReadFile("../signature/catalogue/nodeman/curl-dns.yaml")
	if err != nil {
		b.Fatal(err)
	}
	sigs, err := signature.Parse("x", data)
	if err != nil {
		b.Fatal(err)
	}
	set, _ := signature.NewSet(sigs...)
	m := match.New(set)
	line := `{"levelname": "INFO", "asctime": "2024-10-22 17:01:02,345", "pathname": "/app/apps/backend/x.py", "lineno": 58, "message": "7f3a0c2e9b1d4e6f8a0b1c2d3e4f5a6b | [BKAPI]  request_datetime=>2024-10-22 && url=>http://bkapi && module=>cmdb && response_code=>0"}`
	b.SetBytes(int64(len(line)))
	b.ReportAllocs()
	for b.Loop() {
		if m.Line(signature.Nodeman, line) != nil {
			b.Fatal("hit")
		}
	}
}
