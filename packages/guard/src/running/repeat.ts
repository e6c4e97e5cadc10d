import { shareRun } from "@nightlight/core"

/** Work that runs again and again. */
export interface Repeated {
  /** Stops after a run in progress. */
  close(): Promise<void>
}

/** Runs work every `everyMs`, never twice at the same time, without keeping the process alive. */
export function repeat(everyMs: number, work: () => Promise<void>): Repeated {
  const runs = shareRun(work)
  const timer = setInterval(() => {
    void runs.start()
  }, everyMs)
  timer.unref()
  return {
    close: async () => {
      clearInterval(timer)
      await runs.current
    },
  }
}
