package main

// helpZH is the help in Chinese: of a command by its name, of a flag by the English text.
var helpZH = map[string]struct{ short, long string }{
	"scan": {"日志文件中的故障事件", `
读取日志文件，报告其中的故障事件。- 表示标准输入；目录或归档（tar、zip）表示其中的文件；gzip、bzip2、zstd 会解压；支持 UTF-8、UTF-16 和 GBK。
时间取自日志行：CRI 和 docker 的 JSON、nodeman worker 的 JSON 和执行日志、Agent 安装脚本、ZooKeeper 客户端、logback；没有时间的行沿用上一行的时间。
事件的状态以最后一行为准，或以 --now 为准。

不指定 --source 时，按文件名和内容推断每个文件的来源（nodeman、agent、bk-job-gateway），并在标准错误中说明。从主机上收集的文件（如
agent-err.log）属于路径中以地址命名的目录所对应的主机：logs/10.0.6.21/agent-err.log。

没有找到故障事件时，标准错误会列出没有特征能解释的错误。`},
	"match": {"逐行判定：输入 JSON 行，输出 JSON 行", `
从标准输入读取 JSON 行 {"id", "source", "line"[, "stream"]}，按输入顺序输出 {"id", "matches": [{"signature", "captures": {…}}]}。
每一行按日志模式逐个判定，不计阈值；表示恢复、反证和上下文的行输出 []。id 原样写回，不论类型。

同一来源、同一日志流中前后相接的行视为相邻：日志记录之后的异常、失败之前的命令。没有 stream 时，输入中来源相同且前后相接的行视为相邻。
同一日志流中相隔超过 4096 行输入的行，不视为相邻。

格式错误的行在标准错误中报告行号，没有对应输出；其余各行照常输出，退出码为 1。`},
	"query": {"Loki 中的故障事件", `
从 Loki 读取 nodeman、GSE Agent 和 bk-job-gateway 的日志，报告最近一小时（或 --since、--from 和 --to 指定的范围）内的故障事件。
不指定 --loki、--tenant、--header 时，使用 logcli 的环境变量：LOKI_ADDR、LOKI_ORG_ID、LOKI_USERNAME、LOKI_PASSWORD、
LOKI_BEARER_TOKEN、LOKI_BEARER_TOKEN_FILE。因上限而没有读取的部分会说明：不完整的结果不会当作完整的结果。`},
	"lint": {"检查特征文件中的错误", `
检查目录或文件中的特征（与内置特征一起检查）；不指定目录时检查内置特征库。每个问题一行：文件:行:列: ID: 说明。

不属于蓝鲸的来源由数据源设置定义，请用 --source 给出名称。

指定 --upstream 时，还会在该仓库的检出目录中查找每个文案所引用的原文（upstream: {repo, path, text}）：蓝鲸的文案会变，旧文案的特征不会再触发。
带 versions 的原文（如 '>=2.3 <2.4'）必须出现在这些版本的每个检出目录中，不带的必须出现在所有检出目录中。DIR@REF 读取标签或分支，版本取自其名称；
NAME=DIR 指明是哪个仓库。没有检查的数量会写到标准错误。`},
	"test": {"运行特征文件中的用例", `
用完整流程运行目录中特征的用例（tests:），同时加载内置特征；先按原样，再按各种封装格式运行；不指定目录时运行内置特征库的用例。
然后逐个拿掉每个日志模式的日志行：拿掉之后仍然通过的用例，等于没有测试这个日志模式。`},
	"list": {"特征库中的特征", `
列出内置特征，最严重的在前。REACHES 表示故障文案出现在哪里：nodeman worker 的输出、nodeman 的执行日志、主机上的文件，或其它 Pod 的输出。
SEEN 表示默认的日志流选择器（或 --selector 给出的）能否读到它。`},
	"show": {"一个特征：含义、识别方法、处置步骤", "显示一个内置特征。来自日志的值写作 <名称>。"},
	"explain": {"逐个日志模式说明一行日志为何匹配或不匹配", `
去掉一行日志的封装，显示剩下的内容：消息，解析出的格式和字段，匹配的日志模式及其取值；没有匹配时，显示最接近的日志模式和没有匹配的原因。
日志行写作 - 时，从标准输入读取。退出码：有特征匹配为 0，没有为 1。`},
	"new": {"生成特征文件的框架", `
把特征文件的框架写到标准输出。指定 --line 时，日志模式按这一行的格式和字段（或文本）生成。含义和处置步骤由您填写，然后运行 lint、test 和 backtest。`},
	"backtest": {"一个特征在 Loki 中会找到什么", `
在 Loki 最近一周（或 --since 指定的范围）的日志上运行一个特征（草稿或其它），同时运行它引用为原因的内置特征：找到哪些日志行和事件、涉及多少台主机、
可能有什么问题、开销多大。文件的 ID 与内置特征相同时，替代该内置特征。没有通过 lint 的特征不会运行。

Loki 按天读取。因上限而没有读取的部分会说明：每天每个日志流选择器最多接收 100000 行，命中 100000 行后停止。退出码：没有找到日志行为 0，
找到或 lint 有问题为 1。`},
	"report": {"最近几周的情况：什么故障、持续多久、哪些是噪声", `
统计一段时间内的故障事件：按特征和分类的数量、各原因的平均恢复时间、每周有特征能解释的错误所占比例、从未出现的特征、只产生噪声的特征。
像 query 一样读取 Loki，或像 scan 一样读取日志文件。

恢复时间从第一行日志算到恢复；日志中没有恢复时，算到最后一行。未恢复的事件，以及在读取范围之前开始的事件，不计算恢复时间。原因在日志中的故障现象
计入其原因。噪声是指有 10 个以上事件、其中 80% 仅为疑似、最长持续一分钟、且自行消失的特征。退出码：0；日志无法读取时为 2。`},
	"rules": {"告警规则，每个启用的特征一条；或 Alloy 的标记", `
为目录中每个启用的特征生成一条告警规则；不指定目录时使用内置特征库。

--format grafana 生成 Grafana 的 provisioning/alerting/ 文件（需要 BlueKing Incidents 数据源），用来替代自带的按级别划分的规则。
--format loki 生成 Loki ruler 的文件：用 LogQL 统计包含特征文本的行数，供不使用 Grafana 告警的用户；它不如引擎精确，文件中的注释有说明。
--format alloy 不是规则，而是 Grafana Alloy 的组件：为特征所关心的日志行打上标记，数据源中来源设为“已标记”后，读取的字节数只有千分之一。
它包含目录中的和内置的全部特征。`},
	"ship": {"把 nodeman 的执行日志写入 Loki", `
nodeman 把任务的执行日志保存在数据库中，没有 Pod 会打印它，采集器也就采不到。本命令从数据库读取，去掉敏感信息，写入 Loki 的日志流
{job="nodeman-execution-log"}，并以 host、sub_inst_id、task_id、bk_cloud_id、step、status 作为结构化元数据。只需要两张表的 SELECT
权限，不写任何数据。

它会一直运行，直到被停止。任何时候被杀掉，都从中断处继续：不丢行，也不重复。作为服务运行的方法见 docs/logs.zh.md。`},
	"setup": {"在 Loki 中查找日志，并生成数据源配置", `
查看 Loki 的标签，按 Alloy、OpenTelemetry、Promtail 和 Kubernetes 的命名识别 nodeman、GSE Agent 和 bk-job-gateway 的日志，
生成 Grafana 的 provisioning/datasources/ 文件。没有找到的日志会说明哪些特征需要它。退出码 1 表示一种日志都没有找到。`},
	"mcp": {"供 AI 助手使用的服务（Model Context Protocol）", `
让 AI 助手通过 Model Context Protocol 查询故障事件、证据、原因和处置步骤：使用标准输入输出，或用 --http 监听本机地址。所有工具只读；
敏感信息会隐去，回答的大小有上限，日志内容会标明是数据。Loki 的连接方式与 query 相同。`},
}

// usageZH are the texts of flags.
var usageZH = map[string]string{
	"BlueKing `version` whose steps and documents are shown: 7.0, 7.1, 7.2 or 7.3":                             "显示哪个蓝鲸`版本`的处置步骤和文档：7.0、7.1、7.2、7.3",
	"`name` of the cluster the files are from, as in its logs' label `cluster`":                                "文件所属集群的`名称`，与日志标签 cluster 的值相同",
	"exit with 1 for `incidents` that are active, for any, or never":                                           "哪些`事件`使退出码为 1：active（未恢复）、any（任意）、never（从不）",
	"`format` of the output: table, oneline, json, markdown":                                                   "输出`格式`：table、oneline、json、markdown",
	"`format` of the output: lines, json, junit":                                                               "输出`格式`：lines、json、junit",
	"`format` of the output: table, json":                                                                      "输出`格式`：table、json",
	"`format` of the output: text, json":                                                                       "输出`格式`：text、json",
	"`format` of the output: grafana, loki, alloy":                                                             "输出`格式`：grafana、loki、alloy",
	"only incidents with a `host`":                                                                             "只显示涉及该`主机`的事件",
	"only the incident with this `id` or fingerprint, to hand it over: with --format markdown or json":         "只显示该 `ID` 或指纹的事件，用于交接：配合 --format markdown 或 json",
	"`language` of the texts: zh or en (default: that of LANG)":                                                "文本`语言`：zh 或 en（默认随 LANG）",
	"`language` of the titles: zh or en (default: that of LANG)":                                               "标题`语言`：zh 或 en（默认随 LANG）",
	"`language` of the messages: zh or en (default: that of LANG)":                                             "提示文字的`语言`：zh 或 en（默认随 LANG）",
	"`language` of texts where a question names none: zh or en (default: that of LANG)":                        "提问没有指定时的文本`语言`：zh 或 en（默认随 LANG）",
	"`time` of judgement (default: that of the last line)":                                                     "判定`时间`（默认为最后一行的时间）",
	"only incidents of a `severity`: critical, high, medium, low":                                              "只显示该`级别`的事件：critical、high、medium、low",
	"only incidents of a signature `id`, such as curl-dns":                                                     "只显示该特征 `ID` 的事件，如 curl-dns",
	"`path` of further signatures, a folder or a YAML file; a built-in id cannot be used again":                "其它特征的`路径`（目录或 YAML 文件）；不能使用内置的 ID",
	"`source` of all files: nodeman, agent or bk-job-gateway (default: a guess for each)":                      "所有文件的`来源`：nodeman、agent、bk-job-gateway（默认逐个推断）",
	"`source` of all files (default: a guess for each)":                                                        "所有文件的`来源`（默认逐个推断）",
	"`source` of the line: nodeman, agent or bk-job-gateway":                                                   "这一行的`来源`：nodeman、agent、bk-job-gateway",
	"`source` that the data source settings define, for signatures that read it; may be repeated":              "数据源设置中定义的`来源`，供读取它的特征使用；可多次指定",
	"only incidents in a `state`: active, resolved":                                                            "只显示该`状态`的事件：active、resolved",
	"time `zone` of times without one, and of the output: Asia/Shanghai, +08:00, UTC (default: the local one)": "没有时区的时间以及输出所用的`时区`：Asia/Shanghai、+08:00、UTC（默认为本机时区）",
	"time `zone` of days: Asia/Shanghai, +08:00, UTC (default: the local one)":                                 "划分日期所用的`时区`：Asia/Shanghai、+08:00、UTC（默认为本机时区）",
	"time `zone` of the output: Asia/Shanghai, +08:00, UTC (default: the local one)":                           "输出所用的`时区`：Asia/Shanghai、+08:00、UTC（默认为本机时区）",
	"only incidents of a `cluster`":                                                                            "只显示该`集群`的事件",
	"`time` from which on to look, instead of --since: \"2024-10-22 17:01\"":                                   "起始`时间`，代替 --since：\"2024-10-22 17:01\"",
	"`time` from which on to look, instead of --since":                                                         "起始`时间`，代替 --since",
	"`time` up to which to look and as of which to judge (default: now)":                                       "结束`时间`，也是判定时间（默认为现在）",
	"`time` up to which to look (default: now)":                                                                "结束`时间`（默认为现在）",
	"`time` until which to look (default: the clock)":                                                          "结束`时间`（默认为当前时间）",
	"`header` to send, such as 'Authorization: Bearer …'; may be given several times":                          "要发送的`请求头`，如 'Authorization: Bearer …'；可多次指定",
	"base `URL` of Loki, such as http://loki:3100; user and password in it are sent":                           "Loki 的 `URL`，如 http://loki:3100；其中的用户名和密码会一并发送",
	"base `URL` of Loki, such as http://loki:3100":                                                             "Loki 的 `URL`，如 http://loki:3100",
	"stream selector of a source, such as 'nodeman={namespace=\"bk\"}'; `source`@host=… for streams collected on hosts; may be given several times, replaces the defaults of that source":                     "某个来源的日志流选择器，如 'nodeman={namespace=\"bk\"}'；在主机上采集的日志流写作 `来源`@host=…；可多次指定，替代该来源的默认值",
	"for loki and alloy: stream selector of a source, such as 'nodeman={namespace=\"bk\"}'; `source`@host=… for streams collected on hosts; may be given several times, replaces the defaults of that source": "用于 loki 和 alloy：某个来源的日志流选择器，如 'nodeman={namespace=\"bk\"}'；在主机上采集的日志流写作 `来源`@host=…；可多次指定，替代该来源的默认值",
	"`SOURCE=SELECTOR` that is collected, as for query; decides what SEEN says":                                               "已采集的 `来源=选择器`，写法同 query；决定 SEEN 一列",
	"how far back to look, a `duration` such as 30m, 6h or 1d":                                                                "向前查找的`时长`，如 30m、6h、1d",
	"how far back to look, a `duration` such as 12h, 7d or 30d":                                                               "向前查找的`时长`，如 12h、7d、30d",
	"how far back to look, a `duration` such as 1h or 7d":                                                                     "向前查找的`时长`，如 1h、7d",
	"how far back to look in Loki, a `duration` such as 7d or 30d":                                                            "在 Loki 中向前查找的`时长`，如 7d、30d",
	"tenant `id`, sent as X-Scope-OrgID":                                                                                      "租户 `ID`，以 X-Scope-OrgID 发送",
	"`checkout` of BlueKing's source, or a folder with several by the repositories' names; may be repeated: [NAME=]DIR[@REF]": "蓝鲸源码的`检出目录`，或按仓库名存放多个检出目录的目录；可多次指定：[NAME=]DIR[@REF]",
	"a `line` of the failure, as it stands in the log":                                                                        "故障的一`行`日志，原样给出",
	"for loki: BlueKing `version` of the guide: 7.0, 7.1, 7.2 or 7.3":                                                         "用于 loki：排查指南对应的蓝鲸`版本`：7.0、7.1、7.2、7.3",
	"`uid` of the BlueKing Incidents data source in Grafana":                                                                  "Grafana 中 BlueKing Incidents 数据源的 `uid`",
	"for loki: root `URL` of Grafana, to whose runbooks links lead (default: links lead to BlueKing's guide)":                 "用于 loki：Grafana 的根 `URL`，链接指向其中的处置手册（默认指向蓝鲸的排查指南）",
	"`file` with the certificate of the authority that signed Loki's":                                                         "签发 Loki 证书的 CA 证书`文件`",
	"`file` with a client certificate for Loki":                                                                               "访问 Loki 的客户端证书`文件`",
	"`file` with its key": "客户端证书的私钥`文件`",
	"`name` for the label cluster; the same as your other logs of this BlueKing have":                                                                                           "标签 cluster 的`名称`；与这套蓝鲸其它日志的值相同",
	"print what would be pushed, and end; no Loki is needed and no position is kept":                                                                                            "打印将要写入的内容后结束；不需要 Loki，也不保存位置",
	"instead of --mysql: `URL` of BlueKing's API, such as http://bkapi.example.com":                                                                                             "代替 --mysql：蓝鲸 API 的 `URL`，如 http://bkapi.example.com",
	"who calls the API: @FILE, or env:NAME, with {\"bk_app_code\": \"…\", \"bk_app_secret\": \"…\", \"bk_username\": \"…\"} (default: BKINCIDENTS_ESB_AUTH of the environment)": "调用 API 的身份：@FILE 或 env:NAME，内容为 {\"bk_app_code\": \"…\", \"bk_app_secret\": \"…\", \"bk_username\": \"…\"}（默认取环境变量 BKINCIDENTS_ESB_AUTH）",
	"how often to look for new text, a `duration`":                                                                                                                              "多久查找一次新内容（`时长`）",
	"with --esb: `number` of the first task to ship, as nodeman's page shows it; afterwards the position counts":                                                                "用于 --esb：从哪个任务`编号`开始，以节点管理页面上显示的为准；之后按保存的位置继续",
	"`@FILE`, or env:NAME, with user:password or a whole Authorization header such as 'Bearer …' (default: BKINCIDENTS_LOKI_AUTH of the environment, if set)":                   "`@FILE` 或 env:NAME，内容为 用户:密码，或完整的 Authorization 请求头，如 'Bearer …'（默认取环境变量 BKINCIDENTS_LOKI_AUTH，如已设置）",
	"serve Prometheus metrics at `address`/metrics; without a host, such as :9464, on the loopback interface":                                                                   "在 `地址`/metrics 提供 Prometheus 指标；不写主机（如 :9464）时只监听本机",
	"address of nodeman's database: `@FILE`, or env:NAME; its text is user:password@tcp(host:3306)/bk_nodeman or mysql://user:password@host/bk_nodeman (default: BKINCIDENTS_MYSQL of the environment). An address with a password is refused here: every user of the machine could read it": "nodeman 数据库的地址：`@FILE` 或 env:NAME，内容为 user:password@tcp(host:3306)/bk_nodeman 或 mysql://user:password@host/bk_nodeman（默认取环境变量 BKINCIDENTS_MYSQL）。不能在这里直接写带密码的地址：本机的所有用户都能看到",
	"ship what is there, and end": "写入现有内容后结束",
	"how far each look goes back again, a `duration`: more than transactions take and the clocks of nodeman's pods differ":                           "每次查找向前重叠的`时长`：要大于事务的耗时，也要大于 nodeman 各 Pod 的时钟差",
	"`file` that keeps what has been shipped (default: nodeman.json in STATE_DIRECTORY of the environment, else bkincidents-ship-nodeman.json here)": "保存写入位置的`文件`（默认为环境变量 STATE_DIRECTORY 下的 nodeman.json，否则为当前目录的 bkincidents-ship-nodeman.json）",
	"how far back to begin when there is no position yet, a `duration` such as 1h or 7d":                                                             "还没有保存位置时，从多久之前开始（`时长`），如 1h、7d",
	"nodeman's time `zone` (TIME_ZONE of its settings): Asia/Shanghai, +08:00, UTC":                                                                  "nodeman 的`时区`（其配置中的 TIME_ZONE）：Asia/Shanghai、+08:00、UTC",
	"loopback `address` to serve on, such as 127.0.0.1:8090 (default: standard input and output)":                                                    "监听的本机`地址`，如 127.0.0.1:8090（默认使用标准输入输出）",
}
