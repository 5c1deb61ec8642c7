package rules

import (
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/blueking/incidents/pkg/logs"
	"github.com/blueking/incidents/pkg/scan"
	"github.com/blueking/incidents/pkg/signature"
)

// AlloyComponent is the name of the component that Alloy writes, as others refer to it.
const AlloyComponent = "loki.process.bkincidents"

// alloyHead says where the component goes.
const alloyHead = `// Marks lines that the signatures of the BlueKing Incidents data source could want, by the stream label %[1]s: the
// revision of what they look for, behind %[2]s where a line has none of it. Written by "bkincidents rules --format alloy";
// write it again when the catalogue, or your own signatures, change. Lines that were marked before are read in full.
//
// Put it before loki.write: where your components say forward_to = [loki.write.loki.receiver], write
// forward_to = [%[3]s.receiver]. It must be the last step, as it looks at lines as Loki gets them. Then switch "Marked" on
// for these sources in the data source (marked: true).
`

// Alloy writes the component that marks lines at the door. Streams that Alloy does not collect, as the execution log, need
// no marks: what has none is read in full.
func Alloy(w io.Writer, set *signature.Set, selectors []scan.Selector) error {
	prepared := scan.Prepare(set)
	var b strings.Builder
	fmt.Fprintf(&b, alloyHead, scan.MarkLabel, scan.Unwanted, AlloyComponent)
	b.WriteString("loki.process \"bkincidents\" {\n\tforward_to = [loki.write.loki.receiver]\n")
	for _, sel := range selectors {
		sought := prepared.Sought(sel.Source)
		if sought.Literals == 0 || sel.Shipped() {
			continue
		}
		fmt.Fprintf(&b, "\n\t// %s: %d texts\n", sel.Source, sought.Literals)
		writeMark(&b, sel.Selector, scan.Unwanted+sought.Revision)
		writeMark(&b, sel.Selector+alloyFilters(sought.Filters), sought.Revision)
	}
	b.WriteString("}\n")
	_, err := io.WriteString(w, b.String())
	return err
}

func writeMark(b *strings.Builder, selector, value string) {
	fmt.Fprintf(b, "\tstage.match {\n\t\tselector = %s\n\n\t\tstage.static_labels {\n\t\t\tvalues = {\n\t\t\t\t%s = %q,\n\t\t\t}\n\t\t}\n\t}\n", strconv.Quote(selector), scan.MarkLabel, value)
}

// alloyFilters writes filters as Alloy's stage.match reads them, which knows no |= with alternatives.
func alloyFilters(filters []logs.Filter) string {
	var b strings.Builder
	for _, filter := range filters {
		pieces := make([]string, len(filter))
		for i, literal := range filter {
			pieces[i] = quoteMeta(literal)
		}
		b.WriteString(" |~ " + strconv.Quote(strings.Join(pieces, "|")))
	}
	return b.String()
}

// quoteMeta is regexp's, but for bytes that are no characters: expressions must not have them, and to Go's regexp such a
// byte of a line is U+FFFD.
func quoteMeta(literal string) string {
	var b strings.Builder
	for literal != "" {
		r, size := utf8.DecodeRuneInString(literal)
		if r == utf8.RuneError && size == 1 {
			b.WriteString(`\x{FFFD}`)
		} else {
			b.WriteString(regexp.QuoteMeta(literal[:size]))
		}
		literal = literal[size:]
	}
	return b.String()
}
