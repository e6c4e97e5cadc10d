/**
 * The process of a worker. It ends with the first process, and reports nothing of the content it handles.
 * @module
 */
import { createPeer, type Peer } from "./peer.ts"
import type { AskedByFirst, AskedByWorkers } from "./questions.ts"
import { createWorker } from "./worker.ts"

const INTERNAL = 70

/**
 * A foreign error's message may quote content, even in lines that look like frames: only its kind and frames are shown.
 */
function fault(error: unknown): never {
  const kind = error instanceof Error ? error.name : typeof error
  const stack = error instanceof Error ? (error.stack ?? "").replace(error.message, () => "") : ""
  const frames = stack.split("\n").filter((line) => /^\s+at /.test(line))
  process.stderr.write(`nightlight: an error inside a worker (${kind})\n${frames.slice(0, 12).join("\n")}\n`)
  process.exit(INTERNAL)
}

/** Without the first process nothing can be matched or recorded, so nothing may be answered. */
function killSelf(): void {
  process.kill(process.pid, "SIGKILL")
}

process.on("uncaughtException", fault)
// A terminal and a service manager signal every process of a group; the first process decides when a worker ends.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => {})
process.on("disconnect", killSelf)
if (!process.connected) killSelf()

const peer: Peer<AskedByWorkers> = createPeer<AskedByWorkers, AskedByFirst>(
  (message, sent) => process.send?.(message, undefined, undefined, sent),
  createWorker(() => peer),
)
process.on("message", (message) => peer.receive(message))
