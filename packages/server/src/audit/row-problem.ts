/** A row that is not what the log, or its own code, says. */
export interface RowProblem {
  readonly table: string
  /** Id of the row, or of what has none. */
  readonly id: string
  /**
   * `unsealed`: written by somebody without the service's key. `unknown`: the log does not know it. `missing`: the log
   * knows it and it is gone. `unapproved`: an event for which two people are needed, and no approval stands for it. Else
   * what differs: `owner`, `ended`, `joined`, `deactivated`, `role`, `proof`, `decision`, `lock`, `lifted`, `state`,
   * `approval`, `deadline`, `claim`, `place`, `finds`, `count`.
   */
  readonly what: string
}

/** Who watches a comparison. */
export interface CompareWatch {
  readonly signal?: AbortSignal
  /** Is told how many cases were compared since it was told before. */
  readonly onPage?: (cases: number) => void
}
