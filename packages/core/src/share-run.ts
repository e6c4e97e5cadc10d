/** A task that never runs twice at the same time. */
export interface SharedRun<T> {
  /** Starts a run, or joins the current one. */
  readonly start: () => Promise<T>
  /** The current run, if there is one. */
  readonly current: Promise<T> | undefined
}

/** Lets concurrent callers share one run of `run`. */
export function shareRun<T>(run: () => Promise<T>): SharedRun<T> {
  let current: Promise<T> | undefined
  return {
    start: () => {
      current ??= run().finally(() => {
        current = undefined
      })
      return current
    },
    get current() {
      return current
    },
  }
}
