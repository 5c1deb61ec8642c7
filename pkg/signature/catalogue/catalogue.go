// Package catalogue embeds the shipped signatures, one YAML file each, in folders by source.
package catalogue

import (
	"embed"

	"github.com/blueking/incidents/pkg/signature"
)

//go:embed nodeman/*.yaml agent/*.yaml bk-job-gateway/*.yaml
var files embed.FS

// Load reads the shipped signatures.
func Load() ([]*signature.Signature, error) { return signature.LoadFS(files, ".") }
