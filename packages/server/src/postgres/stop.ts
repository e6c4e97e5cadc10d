import type { ChildProcess } from "node:child_process"

/** How long a fast shutdown may take before sessions and files are left to the next start's recovery. */
const FAST_MS = 60_000
const IMMEDIATE_MS = 10_000

/** Stops a server that this process started: fast, then immediately, then by force. Resolves when it has ended. */
export async function stopServer(child: ChildProcess, ended: Promise<unknown>): Promise<void> {
  child.ref()
  const escalations = [
    setTimeout(() => child.kill("SIGQUIT"), FAST_MS),
    setTimeout(() => child.kill("SIGKILL"), FAST_MS + IMMEDIATE_MS),
  ]
  child.kill("SIGINT")
  await ended
  for (const escalation of escalations) clearTimeout(escalation)
}
