package form

import "regexp/syntax"

// MaxSize bounds one expression, in instructions. A message costs up to length × instructions, and an instruction 200 bytes
// of memory.
const MaxSize = 5000

// Size estimates how many instructions an expression compiles to, without compiling it: a repeat of a repeat
// is short to write, and costs seconds and hundreds of megabytes to compile. What does not parse counts as 0.
func Size(expr string) int {
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
