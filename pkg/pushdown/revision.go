package pushdown

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
)

// Revision names a set of literals: what marks lines by them, and what reads such lines, can report whether both know the
// same. Sets that let the same lines pass have one name.
func Revision(literals []string) string {
	literals = slices.Clone(minimal(literals))
	slices.Sort(literals)
	sum := sha256.Sum256([]byte(strings.Join(literals, "\x00")))
	return hex.EncodeToString(sum[:4])
}
