package incident

import (
	"cmp"

	"github.com/blueking/incidents/pkg/event"
	"github.com/blueking/incidents/pkg/match"
	"github.com/blueking/incidents/pkg/signature"
)

// subject is what a line is about. The lines of one kind share one, as long as their carriers give them the same; what
// is derived of it is remembered, as it is asked for once a line. It belongs to one goroutine.
type subject struct {
	of *match.Kind
	// Captures are the kind's, filled up from its carriers. They may be shared and must not be changed.
	Captures map[string]string
	// task is nodeman's id of the installation.
	task    string
	cluster string
	host    string
	// certain tells that host comes from a typed capture, not from a label.
	certain bool

	ids, keys   []string
	print, name string
	named       map[string]string
	filled      *match.Kind
}

// newSubject finds out what the lines of a kind are about. A nodeman or gateway pod is never the host: its label
// names where the program runs, not where the failure is.
func newSubject(k *match.Kind, s Settings) *subject {
	o := &subject{of: k, Captures: k.Captures, task: k.Attrs.TaskID, cluster: string(k.Stream.Labels[labelName(s.ClusterLabel)])}
	ip := k.Attrs.HostIP
	if k.Term.Source != signature.Gateway { // there it is the address that the gateway could not reach
		ip = cmp.Or(k.Captures["host_ip"], ip)
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
	o.task = cmp.Or(o.task, event.InstallerTask(string(k.Stream.Labels["filename"])))
	return o
}

// identities are what ties the carriers of one failure together.
func (s *subject) identities() []string {
	if s.ids == nil {
		s.ids = []string{}
		for _, id := range []struct{ kind, value string }{{"host", s.host}, {"sub", s.of.Attrs.SubInstID}, {"task", s.task}} {
			if id.value != "" {
				s.ids = append(s.ids, id.kind+"="+id.value)
			}
		}
	}
	return s.ids
}

// unknownHost stands for the host of lines that name none.
const unknownHost = "unknown"

// hostOr returns the host, or a name for an unknown one that says what is known.
func (s *subject) hostOr() string {
	switch {
	case s.name != "":
	case s.host != "":
		s.name = s.host
	case s.of.Attrs.SubInstID != "":
		s.name = "unknown (sub_inst_id " + s.of.Attrs.SubInstID + ")"
	case s.task != "":
		s.name = "unknown (task_id " + s.task + ")"
	default:
		s.name = unknownHost
	}
	return s.name
}

// captures returns the values that refs can name: captures, derived values and builtins.
func (s *subject) captures() map[string]string {
	if s.named == nil {
		s.named = values(s.of.Signature, s.Captures, s.cluster, s.host)
	}
	return s.named
}

// key returns the values of the signature's key.
func (s *subject) key() []string {
	if s.keys == nil {
		vals := s.captures()
		s.keys = make([]string, len(s.of.Signature.Key))
		for i, name := range s.of.Signature.Key {
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
		s.print = fingerprint(s.of.Signature, s.key())
	}
	return s.print
}

// kind returns the kind with what its carriers gave it.
func (s *subject) kind() *match.Kind {
	if s.filled == nil {
		changed := *s.of
		changed.Captures, changed.Attrs.TaskID = s.Captures, s.task
		s.filled = &changed
	}
	return s.filled
}
