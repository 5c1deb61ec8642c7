package incident

// union is a disjoint-set forest over the numbers below a bound.
type union []int

func newUnion(n int) union {
	u := make(union, n)
	for i := range u {
		u[i] = i
	}
	return u
}

func (u union) find(i int) int {
	for u[i] != i {
		u[i] = u[u[i]]
		i = u[i]
	}
	return i
}

func (u union) join(a, b int) { u[u.find(a)] = u.find(b) }

// sets returns the sets of more than one member, members in ascending order.
func (u union) sets() [][]int {
	size := make([]int, len(u))
	for i := range u {
		size[u.find(i)]++
	}
	at := map[int]int{} // of a root among the sets
	var out [][]int
	for i := range u {
		root := u.find(i)
		if size[root] < 2 {
			continue
		}
		if _, ok := at[root]; !ok {
			at[root] = len(out)
			out = append(out, make([]int, 0, size[root]))
		}
		out[at[root]] = append(out[at[root]], i)
	}
	return out
}
