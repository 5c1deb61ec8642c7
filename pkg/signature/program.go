package signature

import (
	"regexp/syntax"

	"go.yaml.in/yaml/v3"
)

// programSize estimates how many instructions an expression compiles to, without compiling it: a repeat of a repeat
// is short to write, and costs seconds and hundreds of megabytes to compile. What does not parse counts as 0.
func programSize(expr string) int {
	re, err := syntax.Parse(expr, syntax.Perl)
	if err != nil {
		return 0
	}
	return sizeOf(re)
}

// sizeOf counts as regexp/syntax's compiler emits, give or take the empty branches. syntax.Parse bounds repeats, so an int
// holds the sum.
func sizeOf(re *syntax.Regexp) int {
	sum := 0
	for _, sub := range re.Sub {
		sum += sizeOf(sub)
	}
	switch re.Op {
	case syntax.OpLiteral:
		return len(re.Rune)
	case syntax.OpCapture:
		return sum + 2
	case syntax.OpRepeat:
		if re.Max < 0 {
			return max(1, re.Min)*sum + 1
		}
		return re.Max*sum + re.Max - re.Min
	case syntax.OpAlternate:
		return sum + len(re.Sub) - 1
	default:
		return sum + 1
	}
}

// programsIn adds up the expressions below a node of a signature: values of `regex`, items of `unless`.
func programsIn(node *yaml.Node) int {
	sum := 0
	if node.Kind == yaml.MappingNode {
		for i := 0; i+1 < len(node.Content); i += 2 {
			key, value := node.Content[i], node.Content[i+1]
			switch {
			case key.Value == "regex":
				sum += programSize(value.Value)
			case key.Value == "unless" && value.Kind == yaml.SequenceNode:
				for _, item := range value.Content {
					sum += programSize(item.Value)
				}
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
