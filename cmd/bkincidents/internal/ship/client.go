package ship

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"
)

// HTTPClient returns a client for Loki. Empty names leave TLS as the system has it.
func HTTPClient(caFile, certFile, keyFile string) (*http.Client, error) {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.TLSClientConfig = &tls.Config{MinVersion: tls.VersionTLS12}
	if caFile != "" {
		raw, err := os.ReadFile(caFile)
		if err != nil {
			return nil, fmt.Errorf("--ca-file: %w", err)
		}
		pool := x509.NewCertPool()
		if !pool.AppendCertsFromPEM(raw) {
			return nil, errors.New("--ca-file: no certificate in it; it must be PEM, beginning with -----BEGIN CERTIFICATE-----")
		}
		transport.TLSClientConfig.RootCAs = pool
	}
	if certFile != "" || keyFile != "" {
		pair, err := tls.LoadX509KeyPair(certFile, keyFile)
		if err != nil {
			return nil, fmt.Errorf("--cert-file and --key-file: %w", err)
		}
		transport.TLSClientConfig.Certificates = []tls.Certificate{pair}
	}
	return &http.Client{
		Transport: transport,
		// A redirected POST would become a GET without the entries.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}, nil
}

// Authorization makes the header of user:password, or takes a text with a space for the header itself.
func Authorization(text string) http.Header {
	header := http.Header{}
	switch {
	case text == "":
	case strings.Contains(text, " "):
		header.Set("Authorization", text)
	default:
		header.Set("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(text)))
	}
	return header
}
