package event

// Reason says why a stance is not Stated.
type Reason string

// Around judges a form that was found at Text[start:end]: what stands around it may make it a quotation.
func (e *Event) Around(start, end int) (Stance, Reason) {
	return e.Stance, e.Why
}
