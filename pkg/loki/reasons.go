package loki

import (
	"fmt"
	"strings"
	"time"
)

// Why a window of a Coverage is not complete, in the language of the Options.

func (c *Client) say(zh, en string) string {
	if c.language == "zh" {
		return zh
	}
	return en
}

func (c *Client) cappedByLines(n int) string {
	return c.say(fmt.Sprintf("已达到 %d 行的读取上限", n), fmt.Sprintf("the limit of %d lines was reached", n))
}

func (c *Client) cappedByBytes(n int64) string {
	return c.say(fmt.Sprintf("已达到 %d 字节的读取上限", n), fmt.Sprintf("the limit of %d bytes was reached", n))
}

func (c *Client) cappedByTime() string {
	return c.say("查询时间已用完", "the time for the query ran out")
}

func (c *Client) cappedByCaller() string {
	return c.say("读取被提前结束", "the reading was stopped")
}

func (c *Client) cappedByLookback(d time.Duration) string {
	return c.say(fmt.Sprintf("Loki 不返回 %s 之前的日志（max_query_lookback）", d),
		fmt.Sprintf("Loki answers nothing older than %s (max_query_lookback)", d))
}

func (c *Client) cappedByWarnings(warnings []string) string {
	if len(warnings) == 0 {
		return ""
	}
	said := quote(strings.Join(warnings, "; "))
	return c.say("Loki 表示返回的结果不完整："+said, "Loki calls its answer incomplete: "+said)
}

func (c *Client) cappedByTies() string {
	return c.say("同一时间戳的日志行数超过 Loki 单次返回上限且无法区分，请调大 max_entries_limit_per_query",
		"more lines share one timestamp than Loki returns at once, and they cannot be told apart; raise max_entries_limit_per_query")
}
