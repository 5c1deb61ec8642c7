package signature

import (
	"go.yaml.in/yaml/v3"

	"github.com/blueking/incidents/pkg/form"
)

// programsIn adds up the expressions below a node of a signature: texts and patterns.
func programsIn(node *yaml.Node) int {
	sum := 0
	if node.Kind == yaml.MappingNode {
		for i := 0; i+1 < len(node.Content); i += 2 {
			key, value := node.Content[i], node.Content[i+1]
			switch {
			case value.Kind == yaml.ScalarNode && (key.Value == "text" || key.Value == "like"):
				sum += form.Size(value.Value)
			default:
				sum += programsIn(value)
			}
		}
		return sum
	}
	for _, child := range node.Content {
		sum += programsIn(child)
	}
	return sum
}
