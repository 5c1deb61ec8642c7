package event

// Read returns what programs said in an entry of a log store, in order.
func Read(raw string) []Event {
	return []Event{{Text: raw, Stance: Stated}}
}
