package main

import "fmt"

// channel is how a chat wants its text.
type channel struct {
	Name, Purpose string
	// Bold and Break stand in format strings of the templates.
	Bold, Break string
	// Limit of the text in bytes, without the line that counts what is left.
	Limit int
	// link is a format with the address as %s and the word as the argument.
	link func(word string) string
	// escape are replacements after the text was cut, each a pattern and what to put in its place.
	escape [][2]string
	lang   string
}

var (
	// WeCom refuses more than 4096 bytes, title included. A line ends with two spaces for DingTalk.
	markdown = channel{
		Name: "markdown", Purpose: "Markdown for WeCom and DingTalk.", Bold: "**", Break: `  \n`, Limit: 3300,
		link: func(word string) string { return "[" + word + "](%s)" },
		// What would start a link, a mention, a tag or code. `->` and brackets stand in nearly every nodeman line and stay.
		escape: [][2]string{{"`", "'"}, {"<", "＜"}, {`\]\(`, "] ("}},
	}
	mrkdwn = channel{
		Name: "slack", Purpose: "mrkdwn for Slack.", Bold: "*", Break: `\n`, Limit: 3000,
		link:   func(word string) string { return "<%s|" + word + ">" },
		escape: [][2]string{{"`", "'"}, {"&", "&amp;"}, {"<", "&lt;"}, {">", "&gt;"}},
	}
)

// Link is a format of a link.
func (c channel) Link(key string) (string, error) {
	w, err := word(c.lang, key)
	return c.link(w), err
}

// Clean is an expression for foreign text: one line without control characters, cut, and harmless in the channel.
func (c channel) Clean(expr string, limit int) string {
	out := plain(expr, limit)
	for _, e := range c.escape {
		out += fmt.Sprintf(` | reReplaceAll %q %q`, e[0], e[1])
	}
	return out
}

// plain is an expression for foreign text where nothing interprets it: one line, cut at a number of characters.
func plain(expr string, limit int) string {
	return fmt.Sprintf(`%s | reReplaceAll "[\\s\\pC\\pZ]+" " " | reReplaceAll "^(.{%d}).+$" "$1…"`, expr, limit)
}
