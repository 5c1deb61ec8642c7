// Package liar asks the pipeline, from Loki's wire to the rows of a rule, against a Loki that misbehaves: its misbehaviours
// are data, they are combined, and an oracle that knows the true state judges every row.
package liar
