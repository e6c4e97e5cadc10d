/**
 * A witness whose process dies between a line on disk and its receipt: `node witness-child.ts DIR`. Prints its URL.
 */
import { serveWitness } from "../../src/platform/witness/index.ts"

const dies = (): Date => {
  process.kill(process.pid, "SIGKILL")
  return new Date(0)
}
const { url } = await serveWitness({ dir: process.argv[2] ?? "", host: "127.0.0.1", port: 0, clock: { now: dies } })
process.stdout.write(`${url}\n`)
