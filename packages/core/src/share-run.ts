/** Runs of one thing, of which never two go on at once. */
export interface SharedRun<T> {
  /** Begins a run, or joins the one that goes on. */
  readonly start: () => Promise<T>
  /** The run that goes on, if there is one. */
  readonly current: Promise<T> | undefined
}

/** Lets callers at the same time share one run of `run`. */
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
