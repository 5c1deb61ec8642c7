package incident

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"

	"github.com/prometheus/common/model"

	"github.com/blueking/incidents/pkg/signature"
)

func labelName(name string) model.LabelName { return model.LabelName(name) }

// group is all that was seen of one fingerprint.
type group struct {
	sig         *signature.Signature
	fingerprint string
	key         []string
	cluster     string
	// obs are the lines that detection looks at, in order of time.
	obs []*observation
}

// values returns the values that refs can name: captures, derived values and builtins.
func values(sig *signature.Signature, captures map[string]string, cluster, host string) map[string]string {
	out := make(map[string]string, len(captures)+2+len(sig.Derive))
	for k, v := range captures {
		out[k] = v
	}
	out["cluster"] = cluster
	// A capture of that name is what the line itself calls host; otherwise it is the host that fails.
	out["host"] = cmp.Or(captures["host"], host)
	for name, refs := range sig.Derive {
		for _, ref := range refs {
			if v := signature.Lookup(ref, captures); v != "" {
				out[name] = v
				break
			}
		}
	}
	return out
}

// groups sorts the lines that detection looks at by fingerprint.
func groups(obs []*observation) []*group {
	byPrint := map[string]*group{}
	for _, o := range obs {
		g := byPrint[o.fingerprint()]
		if g == nil {
			g = &group{sig: o.Signature, fingerprint: o.fingerprint(), key: o.key(), cluster: o.cluster}
			byPrint[g.fingerprint] = g
		}
		g.obs = append(g.obs, o)
	}
	out := make([]*group, 0, len(byPrint))
	for _, g := range byPrint {
		out = append(out, g)
	}
	slices.SortFunc(out, func(a, b *group) int { return strings.Compare(a.fingerprint, b.fingerprint) })
	return out
}

// fingerprint hashes the signature id and the key values with unambiguous separators. It must never change between
// releases: alert instances and links are made of it.
func fingerprint(sig *signature.Signature, key []string) string {
	h := sha256.New()
	h.Write([]byte(sig.ID))
	for i, v := range key {
		h.Write([]byte{0})
		h.Write([]byte(sig.Key[i]))
		h.Write([]byte{1})
		h.Write([]byte(v))
	}
	return hex.EncodeToString(h.Sum(nil))[:16]
}
