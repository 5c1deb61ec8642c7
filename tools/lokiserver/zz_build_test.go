package lokiserver
import ("testing";"os";"context")
func TestZZBuild(t *testing.T){ p,err:=Path(context.Background(),os.Stderr); t.Log(p,err) }
