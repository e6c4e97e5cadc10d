import { setTimeout as wait } from "node:timers/promises"
import { DependencyError } from "@nightlight/core"
import { Client, type ClientConfig } from "pg"

/** Long enough for crash recovery, which replays at most the log's size limit, on a slow disk. */
const READY_TIMEOUT_MS = 300_000

/** Error codes of a server that is starting or recovering. */
const NOT_YET = new Set(["ENOENT", "ECONNREFUSED", "ECONNRESET", "57P03"])

/**
 * Connects as soon as the server accepts connections.
 *
 * @param ended - Resolves when the server has ended.
 * @param logPath - Path of its log, named in errors.
 * @returns A connected client, which the caller must end.
 * @throws {DependencyError} `unavailable` if the server ended or refuses the password; `timed_out`.
 */
export async function connectWhenReady(
  config: ClientConfig,
  ended: Promise<unknown>,
  logPath: string,
): Promise<Client> {
  let hasEnded = false
  void ended.then(() => {
    hasEnded = true
  })
  const hint = `Its log says why: ${logPath}`
  const deadline = performance.now() + READY_TIMEOUT_MS
  for (;;) {
    const client = new Client(config)
    // Without a listener, an error between the server's end and the client's next call would be uncaught.
    client.on("error", () => undefined)
    try {
      await client.connect()
      return client
    } catch (error) {
      await client.end().catch(() => undefined)
      if (hasEnded) throw new DependencyError("unavailable", "PostgreSQL ended before it was ready", { hint })
      const code = String((error as { code?: unknown }).code)
      if (!NOT_YET.has(code)) {
        throw new DependencyError("unavailable", `PostgreSQL refuses its launcher (${code})`, { hint })
      }
      if (performance.now() > deadline) {
        throw new DependencyError("timed_out", "PostgreSQL is not ready after 5 minutes", { hint })
      }
      await wait(15)
    }
  }
}
