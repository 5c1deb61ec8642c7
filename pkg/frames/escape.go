package frames

import (
	"html"
	"net/url"
	"strings"

	"github.com/blueking/incidents/pkg/incident"
)

// Bounds of foreign text in a cell, in bytes.
const (
	maxCell = 500
	maxLine = 2000
)

// oneLine is foreign text for a cell: one bounded line without control characters.
func oneLine(s string) string { return incident.OneLine(s, maxCell) }

// escapeHTML is foreign text for an annotation, which Grafana renders as HTML.
func escapeHTML(s string) string { return html.EscapeString(oneLine(s)) }

// markdownSpecial are the characters that can start any construct of CommonMark or GFM: emphasis, code, links,
// autolinks (a bare http://… or a@b needs `:`, `.` or `@`), HTML, entities, tables, headings, lists, strike-through.
const markdownSpecial = "\\`*_{}[]()<>#+-.!|~&:@^=\"$"

// escapeMarkdown is foreign text for a Markdown paragraph: every special character is escaped, which is valid before
// any ASCII punctuation, and line breaks are gone, so that nothing can begin a block of its own.
func escapeMarkdown(s string) string {
	var b strings.Builder
	for _, r := range incident.OneLine(s, maxLine) {
		if strings.ContainsRune(markdownSpecial, r) {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// fence is a code block with the end of its line. Code is verbatim; Grafana escapes HTML in it.
func fence(language, text, indent string) string {
	return incident.Fence(language, strings.TrimRight(text, "\n"), indent) + "\n"
}

// markdownLink is a link, or its title alone when the address is not one of the web.
func markdownLink(title, address string) string {
	if address = webAddress(address); address == "" {
		return escapeMarkdown(title)
	}
	return "[" + escapeMarkdown(title) + "](<" + address + ">)"
}

// webAddress returns an http or https address that is safe between angle brackets and in an attribute, or "":
// custom signatures may say `javascript:`.
func webAddress(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return ""
	}
	return inAttribute.Replace(u.String())
}

// inAttribute encodes what would end an attribute or a Markdown link.
var inAttribute = strings.NewReplacer("<", "%3C", ">", "%3E", `"`, "%22", "'", "%27", "\\", "%5C", " ", "%20")
