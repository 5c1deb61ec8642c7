package supply

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"net/url"
	"os"
	"path/filepath"
	"strings"
)

type object = map[string]any

// WriteSBOM writes a bill of materials in CycloneDX 1.5 to path. It holds no time and no random number: the same
// dependencies give the same file.
func WriteSBOM(ctx context.Context, root, path string) error {
	all, err := Components(ctx, root)
	if err != nil {
		return err
	}
	text, err := os.ReadFile(filepath.Join(root, "package.json"))
	if err != nil {
		return err
	}
	var pkg struct{ Name, Version string }
	if err := json.Unmarshal(text, &pkg); err != nil {
		return err
	}
	bom, err := json.MarshalIndent(sbom(pkg.Name, pkg.Version, all), "", "  ")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, append(bom, '\n'), 0o644)
}

func sbom(name, version string, all []Component) object {
	components := make([]object, len(all))
	for i, c := range all {
		purl := packageURL(c)
		components[i] = object{"type": "library", "bom-ref": purl, "name": c.Name, "version": c.Version, "purl": purl}
		if c.Licence != "" {
			components[i]["licenses"] = []object{{"expression": strings.Trim(c.Licence, "()")}}
		}
		if raw, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(c.Integrity, "sha512-")); err == nil && len(raw) == 64 {
			components[i]["hashes"] = []object{{"alg": "SHA-512", "content": hex.EncodeToString(raw)}}
		}
	}
	return object{
		"bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1,
		"metadata": object{"component": object{
			"type": "application", "bom-ref": name, "name": name, "version": version, "licenses": []object{{"expression": "AGPL-3.0-only"}},
		}},
		"components": components,
	}
}

// packageURL is the purl of a component; the @ of a scope is escaped, the slashes stay.
func packageURL(c Component) string {
	parts := strings.Split(c.Name, "/")
	for i, p := range parts {
		parts[i] = strings.ReplaceAll(url.PathEscape(p), "@", "%40")
	}
	return "pkg:" + c.Ecosystem + "/" + strings.Join(parts, "/") + "@" + url.PathEscape(c.Version)
}
