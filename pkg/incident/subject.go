package incident

import (
	"maps"
	"regexp"
	"slices"

	"github.com/blueking/incidents/pkg/match"
	"github.com/blueking/incidents/pkg/signature"
)

// subject is what a line is about. The lines of one kind share one, as long as their carriers give them the same; what
// is derived of it is remembered, as it is asked for once a line. It belongs to one goroutine.
type subject struct {
	// Captures are the match's, filled up from its carriers. They may be shared and must not be changed.
	Captures map[string]string
	sig      *signature.Signature
	// sub and task are nodeman's ids of the installation.
	sub, task string
	cluster   string
	host      string
	// certain tells that host comes from a typed capture, not from a label.
	certain bool

	ids, keys   []string
	print, name string
	named       map[string]string
	filled      map[*match.Kind]*match.Kind
}

// newSubject finds out what the lines of a kind are about. A nodeman or gateway pod is never the host: its label
// names where the program runs, not where the failure is.
func newSubject(k *match.Kind, s Settings) *subject {
	o := &subject{
		Captures: k.Captures, sig: k.Signature, sub: k.Attrs.SubInstID, task: k.Attrs.TaskID, cluster: string(k.Stream.Labels[labelName(s.ClusterLabel)]),
	}
	ip := k.Attrs.HostIP
	if k.Term.Source != signature.Gateway { // there it is the address that the gateway could not reach
		ip = firstOf(k.Captures["host_ip"], ip)
	}
	switch {
	case signature.Valid(signature.IP, ip):
		o.host, o.certain = ip, true
	case k.OnHost:
		for _, name := range s.HostLabels {
			if v := string(k.Stream.Labels[labelName(name)]); v != "" {
				o.host = v
				break
			}
		}
	}
	if file := installerFile.FindStringSubmatch(string(k.Stream.Labels["filename"])); file != nil && o.task == "" {
		o.task = file[1]
	}
	return o
}

// installerFile is the name of an installer's log on the host, which ends in nodeman's task id (facts/bk-logs.md §0).
var installerFile = regexp.MustCompile(`/nm\.setup_[a-z]+\.[a-z]+\.([A-Za-z0-9_-]+)(?:\.debug)?$`)

// identities are what ties the carriers of one failure together.
func (s *subject) identities() []string {
	if s.ids == nil {
		s.ids = []string{}
		for _, id := range []struct{ kind, value string }{{"host", s.host}, {"sub", s.sub}, {"task", s.task}} {
			if id.value != "" {
				s.ids = append(s.ids, id.kind+"="+id.value)
			}
		}
	}
	return s.ids
}

// hostOr returns the host, or a name for an unknown one that says what is known.
func (s *subject) hostOr() string {
	switch {
	case s.name != "":
	case s.host != "":
		s.name = s.host
	case s.sub != "":
		s.name = "unknown (sub_inst_id " + s.sub + ")"
	case s.task != "":
		s.name = "unknown (task_id " + s.task + ")"
	default:
		s.name = "unknown"
	}
	return s.name
}

// captures returns the values that refs can name: captures, derived values and builtins.
func (s *subject) captures() map[string]string {
	if s.named == nil {
		s.named = values(s.sig, s.Captures, s.cluster, s.host)
	}
	return s.named
}

// key returns the values of the signature's key.
func (s *subject) key() []string {
	if s.keys == nil {
		vals := s.captures()
		s.keys = make([]string, len(s.sig.Key))
		for i, name := range s.sig.Key {
			if name == "host" {
				s.keys[i] = s.hostOr()
				continue
			}
			s.keys[i] = signature.Lookup(signature.Ref(name), vals)
		}
	}
	return s.keys
}

// fingerprint returns the fingerprint of the signature and the key.
func (s *subject) fingerprint() string {
	if s.print == "" {
		s.print = fingerprint(s.sig, s.key())
	}
	return s.print
}

// kind returns a kind of lines with what their carriers gave them.
func (s *subject) kind(of *match.Kind) *match.Kind {
	if s.filled[of] == nil {
		if s.filled == nil {
			s.filled = map[*match.Kind]*match.Kind{}
		}
		changed := *of
		changed.Captures, changed.Attrs.TaskID = s.Captures, s.task
		s.filled[of] = &changed
	}
	return s.filled[of]
}

func withCapture(captures map[string]string, name, value string) map[string]string {
	out := maps.Clone(captures)
	if out == nil {
		out = map[string]string{}
	}
	out[name] = value
	return out
}

func firstOf(values ...string) string {
	if i := slices.IndexFunc(values, func(v string) bool { return v != "" }); i >= 0 {
		return values[i]
	}
	return ""
}
