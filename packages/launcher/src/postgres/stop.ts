import type { ChildProcess } from "node:child_process"

/** Waiting time for each way to end a server before the next, harder one. */
export interface StopTimes {
  /** Fast (SIGINT): sessions are ended and everything is written. */
  readonly fastMs: number
  /** Immediate (SIGQUIT): the next start recovers from the log, as after a power cut. */
  readonly immediateMs: number
  /** Kill (SIGKILL): until the system has removed the process. */
  readonly killMs: number
}

/** Long enough for a slow disk to write what a server of this size holds in memory. */
export const STOP_TIMES: StopTimes = { fastMs: 60_000, immediateMs: 10_000, killMs: 10_000 }

/** Stops a server that this process started: fast, then immediately, then by force. Resolves when it has ended. */
export async function stopServer(child: ChildProcess, ended: Promise<unknown>, times = STOP_TIMES): Promise<void> {
  child.ref()
  const escalations = [
    setTimeout(() => child.kill("SIGQUIT"), times.fastMs),
    setTimeout(() => child.kill("SIGKILL"), times.fastMs + times.immediateMs),
  ]
  child.kill("SIGINT")
  await ended
  for (const escalation of escalations) clearTimeout(escalation)
}
