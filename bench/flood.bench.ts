/**
 * How long others wait while one key floods: cheap calls of another key, quiet and beside twelve hostile bodies
 * of 12 MB that are always on their way.
 * @module
 */
import { spawn } from "node:child_process"
import { once } from "node:events"
import { join } from "node:path"
import type { BenchRow } from "./row.ts"
import { all, timeOf, withInstallation } from "./server-installation.ts"

const CLIENT = join(import.meta.dirname, "flood-client.ts")
const CALLS = 4_000
const CONCURRENCY = 4
/** After each call, so that a measurement lasts some seconds of the flood and keeps within what one key may call. */
const PAUSE_MS = 10
const MOST = 3

/** A flood of arrays, and one of keys. */
export function oneKey(): Promise<BenchRow[]> {
  return withInstallation(async (installation, site, port) => {
    await site.importListOf(await site.recordsOf())
    await installation.index.refresh()
    await installation.app.listen({ port, host: "127.0.0.1" })
    const [own, flooding] = [installation.keyFor(undefined, "screen"), installation.keyFor(undefined, "screen")]
    const sendHash = async (n: number): Promise<void> => {
      const answer = await fetch(`http://127.0.0.1:${port}/v1/screen`, {
        method: "POST",
        headers: { authorization: `Bearer ${own}`, "content-type": "application/json" },
        body: JSON.stringify({ kind: "hash", sha256: n.toString(16).padStart(64, "0") }),
      })
      if (answer.status !== 200) throw new Error(`status ${answer.status}`)
      await answer.arrayBuffer()
    }
    const calls = Array.from({ length: CALLS }, (_, n) => n)
    await all(calls, sendHash, CONCURRENCY, PAUSE_MS)
    const rows: BenchRow[] = []
    for (const what of ["arrays", "keys"]) {
      const quiet = await all(calls, sendHash, CONCURRENCY, PAUSE_MS)
      const client = spawn(process.execPath, [CLIENT, String(port), flooding, what], {
        stdio: ["ignore", "pipe", "inherit"],
      })
      try {
        await once(client.stdout, "data")
        const flooded = await all(calls, sendHash, CONCURRENCY, PAUSE_MS)
        const ratio = timeOf(flooded, 0.99) / timeOf(quiet, 0.99)
        rows.push({
          what: `server, one hash, ${CONCURRENCY} at once, beside a key that floods with bodies of 12 MB of ${what}`,
          measured: `p99 ${ratio.toFixed(1)}x of quiet (${timeOf(flooded, 0.99).toFixed(1)} ms against ${timeOf(quiet, 0.99).toFixed(1)} ms), p50 ${timeOf(flooded, 0.5).toFixed(1)} ms against ${timeOf(quiet, 0.5).toFixed(1)} ms`,
          atLeast: `<= ${MOST}x`,
          ok: ratio <= MOST,
        })
      } finally {
        client.kill("SIGKILL")
        await once(client, "exit")
      }
    }
    return rows
  })
}
