// Package catalogue embeds the shipped signatures, one YAML file each, in folders by source.
package catalogue

import (
	"embed"

	"github.com/blueking/incidents/pkg/signature"
)

//go:embed */*.yaml
var files embed.FS

// Load reads the shipped signatures.
func Load() ([]*signature.Signature, error) { return signature.LoadFS(files, ".") }

// Set is Load as a set. The error names what does not load, or ids that are given twice.
func Set() (*signature.Set, error) {
	sigs, err := Load()
	if err != nil {
		return nil, err
	}
	return signature.NewSet(sigs...)
}
