package ship

import (
	"context"
	"database/sql"
	"slices"
	"strings"
)

// hostsMost bounds the remembered hosts: what belongs to a record does not change, and its steps come one after the other.
const hostsMost = 20_000

// host is what a record says of where its steps run.
type host struct{ host, task, cloud string }

// hosts looks records up, and remembers them.
type hosts struct {
	db    *sql.DB
	known map[uint64]host
}

func newHosts(db *sql.DB) *hosts { return &hosts{db: db, known: map[uint64]host{}} }

// recordQuery lets the database read the JSON, which holds much more than the host.
const recordQuery = `
SELECT id, COALESCE(task_id, ''), COALESCE(instance_id, ''),
  COALESCE(JSON_UNQUOTE(JSON_EXTRACT(instance_info, '$.host.bk_host_innerip')), ''),
  COALESCE(JSON_UNQUOTE(JSON_EXTRACT(instance_info, '$.host.bk_host_innerip_v6')), ''),
  COALESCE(JSON_UNQUOTE(JSON_EXTRACT(instance_info, '$.host.bk_cloud_id')), '')
FROM node_man_subscriptioninstancerecord WHERE id IN (`

// of returns the hosts of records; one that nodeman has deleted has none.
func (h *hosts) of(ctx context.Context, records []uint64) (map[uint64]host, error) {
	if len(h.known) > hostsMost {
		clear(h.known)
	}
	records = slices.Compact(slices.Sorted(slices.Values(records)))
	missing := slices.DeleteFunc(records, func(id uint64) bool { _, ok := h.known[id]; return ok })
	if len(missing) == 0 {
		return h.known, nil
	}
	rows, err := h.db.QueryContext(ctx, recordQuery+list(missing)+")")
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }() // rows.Err has told
	for rows.Next() {
		var id uint64
		var task, instance, ip, ip6, cloud string
		if err := rows.Scan(&id, &task, &instance, &ip, &ip6, &cloud); err != nil {
			return nil, err
		}
		h.known[id] = newHost(task, instance, ip, ip6, cloud)
	}
	return h.known, rows.Err()
}

// newHost takes the inner address, else the IPv6 one, else what an instance id of the form host|instance|host|IP-CLOUD-0 says.
func newHost(task, instance, ip, ip6, cloud string) host {
	clean := func(s string) string {
		if s == "null" { // JSON's null as text
			return ""
		}
		first, _, _ := strings.Cut(s, ",")
		return strings.TrimSpace(first)
	}
	out := host{task: clean(task), host: clean(ip), cloud: clean(cloud)}
	if out.host == "" {
		out.host = clean(ip6)
	}
	if name := instance[strings.LastIndexByte(instance, '|')+1:]; out.host == "" && strings.Contains(name, ".") {
		parts := strings.Split(name, "-")
		out.host = parts[0]
		if out.cloud == "" && len(parts) > 1 {
			out.cloud = parts[1]
		}
	}
	return out
}
