import { setTimeout as wait } from "node:timers/promises"
import { DependencyError } from "@nightlight/core"
import { Client, type ClientConfig } from "pg"

/** Crash recovery replays at most the write-ahead log's limit; a slow disk takes its time for it. */
const READY_TIMEOUT_MS = 300_000

/** What a server that is not ready yet, or is just recovering, answers. */
const NOT_YET = new Set(["ENOENT", "ECONNREFUSED", "ECONNRESET", "57P03"])

/**
 * Connects as soon as the server takes connections.
 *
 * @param ended - Resolves when the server has ended.
 * @param logPath - Where its log is, for the reader of an error.
 * @returns A connected client; the caller ends it.
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
    // Between the server's end and the client's next call there is nobody else to take its error.
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
