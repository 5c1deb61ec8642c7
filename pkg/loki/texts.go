package loki

import "github.com/blueking/incidents/pkg/logs"

// text is what an Error of a kind says: what happened, and what the user can do about it.
type text struct{ en, enHint, zh, zhHint string }

var texts = map[logs.Kind]text{
	logs.KindURL: {
		"The Loki address cannot be used", "Correct the URL in the data source settings.",
		"Loki 地址不可用", "请修改数据源设置中的 URL。"},
	logs.KindDNS: {
		"The host name of Loki does not resolve", "Check the URL in the data source settings and the DNS of the Grafana server.",
		"Loki 的域名无法解析", "请检查数据源设置中的 URL，以及 Grafana 服务器的 DNS。"},
	logs.KindRefused: {
		"Nothing accepts connections at the Loki address", "Check host and port in the data source settings, that Loki is running, and that no firewall is in between.",
		"无法连接到 Loki", "请检查数据源设置中的主机和端口、Loki 是否在运行，以及网络策略或防火墙。"},
	logs.KindTLS: {
		"No secure connection to Loki", "Check http:// or https:// in the URL and the certificates (CA, server name) in the data source settings.",
		"无法与 Loki 建立安全连接", "请检查 URL 的 http:// 或 https://，以及数据源设置中的证书（CA、服务器名）。"},
	logs.KindAuth: {
		"Loki refuses the credentials", "Check user, password or token in the data source settings, and the rights of that account.",
		"Loki 拒绝了登录凭据", "请检查数据源设置中的用户名、密码或令牌，以及该账号的权限。"},
	logs.KindTenant: {
		"Loki does not accept the tenant", "Set or correct the tenant (X-Scope-OrgID) in the data source settings; Loki's operator knows its name.",
		"Loki 不接受当前租户", "请在数据源设置中填写正确的租户（X-Scope-OrgID），名称请咨询 Loki 管理员。"},
	logs.KindNotReady: {
		"Loki is not ready", "Wait until Loki has started; if it stays so, look at Loki's /ready page.",
		"Loki 尚未就绪", "请等待 Loki 启动完成；如果一直如此，请查看 Loki 的 /ready 页面。"},
	logs.KindRateLimited: {
		"Loki has too many queries to answer", "Refresh less often, lower the parallel requests in the data source settings, or give Loki more queriers.",
		"Loki 的查询过多，拒绝了请求", "请降低刷新频率、减小数据源设置中的并发请求数，或为 Loki 增加 querier。"},
	logs.KindTimeout: {
		"Loki did not answer in time", "Choose a shorter time range or a narrower stream selector, or check Loki's load.",
		"Loki 未及时应答", "请缩短时间范围、收窄日志流选择器，或检查 Loki 的负载。"},
	logs.KindHangs: {
		"Loki has answered nothing for a while", "Check that Loki's query frontend, queriers and ingesters run and reach each other. A shorter time range does not help.",
		"Loki 已有一段时间没有应答任何请求", "请检查 Loki 的 query frontend、querier 和 ingester 是否都在运行、能否互相访问。缩短时间范围没有帮助。"},
	logs.KindDropped: {
		"The connection to Loki broke off", "Check that Loki, and each proxy in front of it, runs and does not restart. If it breaks off after some 30 seconds each time, choose a shorter time range or raise http_server_write_timeout in Loki.",
		"与 Loki 的连接中断", "请检查 Loki 及其前面的代理是否正常运行、是否在重启。如果总在约 30 秒后中断，请缩短时间范围，或调大 Loki 的 http_server_write_timeout。"},
	logs.KindTooLarge: {
		"The query reads too much data", "Choose a shorter time range or a narrower stream selector, or raise Loki's limit.",
		"查询读取的数据过多", "请缩短时间范围、收窄日志流选择器，或调高 Loki 的限制。"},
	logs.KindLimit: {
		"The query exceeds a limit of Loki", "Change the stream selector or the time range as the answer says, or ask Loki's operator to raise the limit.",
		"查询超出了 Loki 的限制", "请按返回信息调整日志流选择器或时间范围，或请 Loki 管理员调高限制。"},
	logs.KindQuery: {
		"Loki does not accept the query", "Check the stream selectors in the data source settings; Loki 3.0 or newer is required.",
		"Loki 不接受该查询", "请检查数据源设置中的日志流选择器；需要 Loki 3.0 或更高版本。"},
	logs.KindBlocked: {
		"Loki's operator has blocked this query", "Ask Loki's operator to allow queries of this data source.",
		"Loki 管理员禁止了该查询", "请联系 Loki 管理员放行此数据源的查询。"},
	logs.KindNotLoki: {
		"Something other than Loki's API answers at this address", "Set the URL to Loki or its gateway, without /loki/api/v1, and check that no login page is in front of it.",
		"该地址返回的不是 Loki API", "请把 URL 设为 Loki 或其网关的地址（不带 /loki/api/v1），并确认前面没有登录页。"},
	logs.KindBroken: {
		"Loki's answer cannot be read", "Try again; if it stays so, check the proxies between Grafana and Loki.",
		"无法解析 Loki 的应答", "请重试；如果仍然如此，请检查 Grafana 与 Loki 之间的代理。"},
	logs.KindPartial: {
		"Loki calls its answer incomplete", "Do what its remark asks for, or choose a shorter time range or a narrower stream selector.",
		"Loki 表示返回的结果不完整", "请按其提示处理，或缩短时间范围、收窄日志流选择器。"},
	logs.KindServer: {
		"Loki failed", "Try again; if it stays so, look at Loki's logs.",
		"Loki 内部出错", "请重试；如果仍然如此，请查看 Loki 的日志。"},
	logs.KindCanceled: {
		"The query was cancelled", "Run it again if you still need it.",
		"查询已被取消", "如仍需要，请重新执行。"},
	logs.KindRequest: {
		"The request cannot be sent to Loki", "Shorten the selectors and filters, or report this with the data source's settings.",
		"无法生成发给 Loki 的请求", "请缩短选择器和过滤条件，或连同数据源设置一起反馈该问题。"},
}
