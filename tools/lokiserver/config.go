package lokiserver

import (
	_ "embed"
	"fmt"
	"os"
	"path/filepath"
	"strconv"

	"go.yaml.in/yaml/v3"
)

//go:embed loki.yaml
var baseConfig string

// ports are the loopback ports of one Loki. Port 0 is no choice: frontend and worker dial the configured one. Only a Loki
// of several processes gossips.
type ports struct{ http, grpc, gossip int }

// writeConfig writes loki.yaml into dir, with overrides (YAML, may be empty) merged in, and returns its path.
func writeConfig(dir string, p ports, overrides string) (string, error) {
	config, err := renderConfig(dir, p, overrides)
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "loki.yaml")
	if err := os.WriteFile(path, config, 0o600); err != nil {
		return "", fmt.Errorf("write Loki's configuration: %w", err)
	}
	return path, nil
}

func renderConfig(dir string, p ports, overrides string) ([]byte, error) {
	values := map[string]string{
		"DIR":       filepath.ToSlash(dir),
		"HTTP_PORT": strconv.Itoa(p.http),
		"GRPC_PORT": strconv.Itoa(p.grpc),
	}
	config, err := mergeYAML(os.Expand(baseConfig, func(key string) string { return values[key] }), overrides)
	return []byte(config), err
}

// mergeYAML lays one configuration over another.
func mergeYAML(base, overrides string) (string, error) {
	var under, over map[string]any
	if err := yaml.Unmarshal([]byte(base), &under); err != nil {
		return "", fmt.Errorf("read the built-in Loki configuration: %w", err)
	}
	if err := yaml.Unmarshal([]byte(overrides), &over); err != nil {
		return "", fmt.Errorf("read Options.Overrides: %w", err)
	}
	config, err := yaml.Marshal(merge(under, over))
	if err != nil {
		return "", fmt.Errorf("write Loki's configuration: %w", err)
	}
	return string(config), nil
}

// merge lays over on base: maps key by key, anything else as a whole; null takes the key away. base is changed and returned.
func merge(base, over map[string]any) map[string]any {
	for key, value := range over {
		if value == nil {
			delete(base, key)
			continue
		}
		inner, isMap := value.(map[string]any)
		old, wasMap := base[key].(map[string]any)
		if isMap && wasMap {
			base[key] = merge(old, inner)
			continue
		}
		base[key] = value
	}
	return base
}
