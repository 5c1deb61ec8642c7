// The keys of the interfaces in this file are a contract with pkg/plugin and docs/contract.md, Resources.

/** The answer of the resource `streams`. */
export interface SeenStreams {
  /** Streams that the selector fits, -1 when nobody could look. */
  streams: number;
  /** The range in which they were seen, up to now. */
  hours: number;
  /** The most frequent first. */
  labels: SeenLabel[];
  /** What is wrong with the selector. */
  problem?: SelectorProblem;
}

export interface SeenLabel {
  name: string;
  /** How many of the streams have it. */
  streams: number;
  example: string;
}

export interface SelectorProblem {
  message: string;
  /** In characters from 1. */
  position: number;
}

/** The answer of the resource `lint`. */
export interface Linted {
  /** Ids of those that load and will be used. */
  signatures: string[];
  /** How many were run. */
  fixtures: number;
  problems: LintedProblem[];
  /** How many problems are not listed. */
  more?: number;
}

export interface LintedProblem {
  /** Line and column count from 1; 0 is unknown. */
  line: number;
  column: number;
  signature: string;
  message: string;
  /** An error keeps the signature from being used; a warning is what it does not prove. */
  severity: 'error' | 'warning';
}
