/** A problem in a policy file, and its place. */
export interface PolicyProblem {
  /** The file's name as the caller gave it. */
  readonly file: string
  /** From 1. */
  readonly line: number
  /** From 1, in UTF-16 code units. */
  readonly column: number
  /** One sentence for the policy's author. */
  readonly message: string
}

/** A place in a file. Line and column from 1. */
export interface Place {
  readonly line: number
  readonly column: number
}

/** Writes a problem the way compilers do: `file:line:column: message`. */
export function formatProblem({ file, line, column, message }: PolicyProblem): string {
  return `${file}:${line}:${column}: ${message}`
}
