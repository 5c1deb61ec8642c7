package incident

import (
	"maps"
	"slices"
)

// union is a disjoint-set forest over indices.
type union struct {
	parent map[int]int
}

func newUnion(members []int) *union {
	u := &union{parent: make(map[int]int, len(members))}
	for _, m := range members {
		u.parent[m] = m
	}
	return u
}

func (u *union) find(i int) int {
	for u.parent[i] != i {
		u.parent[i] = u.parent[u.parent[i]]
		i = u.parent[i]
	}
	return i
}

func (u *union) join(a, b int) { u.parent[u.find(a)] = u.find(b) }

// sets returns the sets, members in ascending order.
func (u *union) sets() [][]int {
	byRoot := map[int][]int{}
	for _, i := range slices.Sorted(maps.Keys(u.parent)) {
		root := u.find(i)
		byRoot[root] = append(byRoot[root], i)
	}
	return slices.Collect(maps.Values(byRoot))
}
