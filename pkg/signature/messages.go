package signature

import (
	"fmt"
	"slices"
)

// Phrase is a text for people in both languages, with the verbs of package fmt for the same values in both. A text
// without Chinese is told in English.
type Phrase struct{ EN, ZH string }

// In fills the phrase with values, in "zh" or, for any other language, in English. A value that has a Message in several
// languages is told in the same one.
func (p Phrase) In(lang string, args ...any) string {
	text := p.EN
	if lang == string(ZH) && p.ZH != "" {
		text = p.ZH
	}
	if len(args) == 0 {
		return text
	}
	args = slices.Clone(args)
	for i, arg := range args {
		if said, ok := arg.(interface{ Message(lang string) string }); ok {
			args[i] = said.Message(lang)
		}
	}
	return fmt.Sprintf(text, args...)
}

// What can be wrong with a signature. What the YAML parser and the regex compiler say of a text is theirs, in English.
var (
	tooLarge      = Phrase{"%d bytes of YAML are more than the %d allowed: split the file", "YAML 有 %d 字节，超过上限 %d：请拆分"}
	tooMany       = Phrase{"more than %d signatures in one text", "一段文本中的特征超过 %d 个"}
	notYAML       = Phrase{"not valid YAML: %s", "不是有效的 YAML：%s"}
	hasAlias      = Phrase{"anchors and aliases are not supported in signatures: write the value out", "特征中不支持锚点和别名：请直接写出值"}
	notMapping    = Phrase{"expected a mapping of keys to values", "这里应为“键: 值”的形式"}
	unknownKey    = Phrase{"unknown key %q; known keys here: %s", "未知的键 %q；此处可用的键：%s"}
	keyTwice      = Phrase{"key %q is given twice", "键 %q 重复"}
	wrongValue    = Phrase{"%s", "值的类型不对：%s"}
	badRegex      = Phrase{"text: %v", "表达式有误：%v"}
	longRegex     = Phrase{"text of %d bytes: the limit is %d; split it with any_of", "表达式有 %d 字节，上限为 %d：请用 any_of 拆分"}
	hugeText      = Phrase{"from here on the text is not read: its regular expressions compile to more than %d instructions; use smaller repeats or fewer alternatives", "从这里起的内容没有读取：正则表达式编译后合计超过 %d 条指令；请减小重复次数或减少可选项"}
	manyKeys      = Phrase{"a mapping of %d keys: %d are allowed", "这里有 %d 个键，最多 %d 个"}
	moreProblems  = Phrase{"%d further problems are not listed", "另有 %d 处问题未列出"}
	badDuration   = Phrase{"duration %q: write it like 30s, 5m or 1h", "时长 %q 无效：请写成 30s、5m 或 1h"}
	badCondition  = Phrase{"condition %q: write clauses like `url.host is ip`, `pid is not set` or `status == 401`, joined by `and` or `or`", "条件 %q 无效：请写成 `url.host is ip`、`pid is not set` 或 `status == 401`，用 `and` 或 `or` 连接"}
	badTemplate   = Phrase{"template %q: write captures as {{name}} or {{name.part}}", "模板 %q 无效：捕获值要写成 {{name}} 或 {{name.part}}"}
	badVersion    = Phrase{"apiVersion is %q: this release reads %q", "apiVersion 为 %q：当前版本只支持 %q"}
	badID         = Phrase{"id %q: use kebab-case, at most 60 characters", "id %q 无效：请用小写字母、数字和连字符，最多 60 个字符"}
	duplicateID   = Phrase{"duplicate id, first used in %s", "id 重复，首次出现在 %s"}
	badRevision   = Phrase{"revision must be 1 or more, and grow when terms or detect change", "revision 须大于等于 1，terms 或 detect 变化时要增大"}
	notOneOf      = Phrase{"%s %q: use one of %s", "%s 的值 %q 无效：可选 %s"}
	missing       = Phrase{"%s is missing: use one of %s", "缺少 %s：可选 %s"}
	needsBoth     = Phrase{"%s needs zh and en", "%s 需要同时有 zh 和 en"}
	noTerms       = Phrase{"a signature needs at least one term", "特征至少需要一个 term"}
	emptyTerm     = Phrase{"term %q is empty: give it a source and what it is", "term %q 是空的：请填写 source 及其内容"}
	noAnyOf       = Phrase{"term %q says nothing: give it use, a form, a text or any_of", "term %q 没有内容：请写 use、form、text 或 any_of"}
	noRegex       = Phrase{"say what the message is: a form, a text, or both; where needs a form", "请说明消息是什么：form、text，或两者；where 需要 form"}
	badSource     = Phrase{"source %q is not a name: use at most %d of a-z, 0-9 and single - between them, beginning with a letter", "来源名 %q 无效：最多 %d 个字符，只能用小写字母、数字和中间的单个连字符，以字母开头"}
	noSource      = Phrase{"nothing defines the source %q, so its lines are never read: add it to the sources with a selector, or use one of %v", "来源 %q 没有定义，不会读取它的日志：请在来源中添加它并填写选择器，或改用 %v 之一"}
	badLevel      = Phrase{"level %q: use debug, info, warning or error", "级别 %q 无效：可选 debug、info、warning、error"}
	badAt         = Phrase{"at %q: use before or after", "at 的值 %q 无效：可选 before、after"}
	noLiteral     = Phrase{"the text has no literal that every match contains: lines could only be found by running it on all of them", "正则表达式没有必然出现的固定文字，只能逐行运行它来查找：请加上固定文字"}
	shortLiteral  = Phrase{"the longest literal that every match contains is %q (%d bytes): %d are needed, or %d with a reason in short_literal", "必然出现的最长固定文字是 %q（%d 字节）：至少需要 %d 字节；若有 %d 字节，请在 short_literal 中写明理由"}
	manyLiterals  = Phrase{"the text branches into %d literals: write the branches as any_of", "正则表达式分成了 %d 种固定文字：请把各分支写成 any_of"}
	notScalar     = Phrase{"a value or a list of values is expected here", "这里应为一个值或一组值"}
	whatTwice     = Phrase{"term %q has any_of beside form, where or text: write it one way", "term %q 同时有 any_of 和 form/where/text：请只用一种写法"}
	useAlone      = Phrase{"use: %s stands alone: the shared term says the rest", "use: %s 须单独使用：其余内容由共享的 term 给出"}
	noSharedTerm  = Phrase{"there is no shared term %q", "没有名为 %q 的共享 term"}
	noSharedDoc   = Phrase{"there is no shared reference %q: write it out with id, title and url", "没有名为 %q 的共享文档：请写出 id、title 和 url"}
	oneWording    = Phrase{"%q has several wordings: a context uses a shared term of one", "%q 有多种写法：context 只能引用单一写法的共享 term"}
	noSuchForm    = Phrase{"there is no form %q: use one of %v", "没有名为 %q 的 form：可选 %v"}
	twoTypes      = Phrase{"capture %q is of type %s and of type %s: name one of them otherwise", "捕获值 %q 同时是 %s 和 %s 类型：请改名其一"}
	detectForms   = Phrase{"detect needs exactly one of term, sequence, all or absent", "detect 须且只能有 term、sequence、all、absent 中的一个"}
	detectAfter   = Phrase{"absent needs after: the term that should have been followed", "absent 需要 after：它本应跟在哪个 term 之后"}
	detectWithin  = Phrase{"detect needs within", "detect 需要 within"}
	noSuchTerm    = Phrase{"term %q is not defined in terms", "terms 中没有定义 term %q"}
	unbound       = Phrase{"{{%s}} is bound by no term of detect, by no derive and is not cluster or host", "{{%s}} 没有取值来源：detect 的 term 未捕获它，derive 未定义它，也不是 cluster 或 host"}
	noKey         = Phrase{"key names what makes two matches the same incident: at least [cluster]", "key 说明怎样算同一个事件：至少写 [cluster]"}
	stepText      = Phrase{"a step needs text in zh and en", "步骤的 text 需要同时有 zh 和 en"}
	noSuchDoc     = Phrase{"reference %q is not in references", "references 中没有 %q"}
	linkNotSecure = Phrase{"the link for %s must start with https://", "%s 的链接必须以 https:// 开头"}
)
