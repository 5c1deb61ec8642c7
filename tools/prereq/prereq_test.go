package prereq

import (
	"errors"
	"io"
	"os"
	"testing"
)

func TestMajorOf(t *testing.T) {
	for version, want := range map[string]int{"v20.20.2\n": 20, "22.1.0": 22, "v9": 9} {
		if got, err := majorOf(version); got != want || err != nil {
			t.Errorf("majorOf(%q) = %d, %v, want %d", version, got, err, want)
		}
	}
	if _, err := majorOf("command not found"); err == nil {
		t.Error("a message passed for a version")
	}
}

func TestNodeNamesWhatIsMissing(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	if err := Node(t.Context()); !errors.Is(err, ErrNoNode) {
		t.Errorf("err = %v, want %v", err, ErrNoNode)
	}
}

func TestCompilerAcceptsFlagsAfterTheProgram(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("CC", self+" -m64")
	if err := Compiler(t.Context(), io.Discard); err != nil {
		t.Error(err)
	}
}
