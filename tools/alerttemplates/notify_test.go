package main

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"github.com/go-kit/log"
	"github.com/grafana/alerting/images"
	"github.com/grafana/alerting/receivers"
	"github.com/grafana/alerting/receivers/email"
	"github.com/grafana/alerting/receivers/slack"
	"github.com/grafana/alerting/receivers/webhook"
	"github.com/grafana/alerting/receivers/wecom"
	"github.com/grafana/alerting/templates"
	"github.com/prometheus/alertmanager/notify"
	"github.com/prometheus/alertmanager/types"
	"github.com/prometheus/common/model"
	"gopkg.in/yaml.v3"
)

const externalURL = "https://grafana.example.com/"

// provisioned reads a YAML file below provisioning/ into to.
func provisioned(t *testing.T, path string, to any) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, "provisioning", path))
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal(text, to); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
}

// definitions are the templates of a file as Grafana loads them.
func definitions(t *testing.T, path string) []templates.TemplateDefinition {
	t.Helper()
	var file struct {
		Templates []struct{ Name, Template string }
	}
	provisioned(t, path, &file)
	var out []templates.TemplateDefinition
	for _, group := range file.Templates {
		out = append(out, templates.TemplateDefinition{Name: group.Name, Template: group.Template, Kind: templates.GrafanaKind})
	}
	return out
}

// bothLanguages are the text templates of both languages.
func bothLanguages(t *testing.T) []templates.TemplateDefinition {
	t.Helper()
	return append(definitions(t, "alerting/zh/templates.yaml"), definitions(t, "alerting/en/templates.yaml")...)
}

func load(t *testing.T) *templates.Template {
	t.Helper()
	all := append(bothLanguages(t), definitions(t, "demo/templates-webhook.yaml")...)
	for _, d := range all {
		if err := d.Validate(); err != nil {
			t.Fatalf("%s: %v", d.Name, err)
		}
	}
	factory, err := templates.NewFactory(all, log.NewNopLogger(), externalURL, "1")
	if err != nil {
		t.Fatal(err)
	}
	tmpl, err := factory.GetTemplate(templates.GrafanaKind)
	if err != nil {
		t.Fatal(err)
	}
	return tmpl
}

// contactPoint is one of the demo's, whose receivers are the channels under test.
type contactPoint struct {
	Name      string
	Receivers []struct {
		UID      string `yaml:"uid"`
		Type     string
		Settings map[string]any
	}
}

func contactPoints(t *testing.T) []contactPoint {
	t.Helper()
	var file struct {
		ContactPoints []contactPoint `yaml:"contactPoints"`
	}
	provisioned(t, "demo/contact-points.yaml", &file)
	return file.ContactPoints
}

// sent is what a receiver would have put on the wire: the body of a request, or subject and text of an email.
type sent struct {
	subject, body string
}

func (s *sent) SendWebhook(_ context.Context, _ log.Logger, cmd *receivers.SendWebhookSettings) error {
	s.body = cmd.Body
	return nil
}

func (s *sent) SendEmail(_ context.Context, cmd *receivers.SendEmailSettings) error {
	s.subject = cmd.Subject
	s.body = cmd.Data["Message"].(string)
	return nil
}

// deliver sends alerts through Grafana's own notifier of a type with the settings of a contact point.
func deliver(t *testing.T, tmpl *templates.Template, kind string, settings map[string]any, alerts []*types.Alert) sent {
	t.Helper()
	var out sent
	if kind == "slack" {
		// Its sender cannot be replaced from outside.
		bot := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			body, err := io.ReadAll(r.Body)
			if err != nil {
				t.Error(err)
			}
			out.body = string(body)
			w.Header().Set("Content-Type", "text/plain")
			_, _ = io.WriteString(w, "ok")
		}))
		defer bot.Close()
		settings["url"] = bot.URL
	}
	raw, err := json.Marshal(settings)
	if err != nil {
		t.Fatal(err)
	}
	plainSecrets := func(_, fallback string) string { return fallback }
	meta := receivers.Metadata{Name: "test", Type: kind}
	none := &images.UnavailableProvider{}
	logger := log.NewNopLogger()

	var notifier interface {
		Notify(context.Context, ...*types.Alert) (bool, error)
	}
	switch kind {
	case "email":
		var cfg email.Config
		if cfg, err = email.NewConfig(raw); err == nil {
			notifier = email.New(cfg, meta, tmpl, &out, none, logger)
		}
	case "wecom":
		var cfg wecom.Config
		if cfg, err = wecom.NewConfig(raw, plainSecrets); err == nil {
			notifier = wecom.New(cfg, meta, tmpl, &out, logger)
		}
	case "webhook":
		var cfg webhook.Config
		if cfg, err = webhook.NewConfig(raw, plainSecrets); err == nil {
			notifier = webhook.New(cfg, meta, tmpl, &out, none, logger, 1)
		}
	case "slack":
		var cfg slack.Config
		if cfg, err = slack.NewConfig(raw, plainSecrets); err == nil {
			notifier = slack.New(cfg, meta, tmpl, &out, none, logger, "12.2.0")
		}
	default:
		t.Fatalf("no notifier for type %q", kind)
	}
	if err != nil {
		t.Fatalf("%s settings: %v", kind, err)
	}
	ctx := notify.WithGroupKey(context.Background(), `{}:{family="f"}`)
	ctx = notify.WithGroupLabels(ctx, model.LabelSet{"family": "f"})
	ctx = notify.WithReceiverName(ctx, "test")
	if _, err := notifier.Notify(ctx, alerts...); err != nil {
		t.Fatalf("%s: %v", kind, err)
	}
	return out
}
