/**
 * The process's own standard streams, environment and signals.
 * @module
 */
import { createInterface } from "node:readline/promises"
import { Writable } from "node:stream"
import { hasCode } from "@nightlight/core"
import type { Io } from "./io.ts"

/** Passphrases come by pipe, by prompt, or from this variable, which is read once and removed from the environment. */
export const PASSPHRASE_VARIABLE = "NIGHTLIGHT_PASSPHRASE"

/** Connects a command to the process. SIGINT and SIGTERM abort its signal once; a second one ends the process. */
export function processIo(): Io {
  const controller = new AbortController()
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.once(signal, () => controller.abort(new DOMException(`stopped by ${signal}`, "AbortError")))
  }
  // Its default opens the inspector. The launcher starts Node without it; this is for running the sources directly.
  process.on("SIGUSR1", () => undefined)
  for (const stream of [process.stdout, process.stderr]) stream.on("error", ignoreClosed)
  const env = { ...process.env }
  // No child inherits it.
  delete process.env[PASSPHRASE_VARIABLE]
  return {
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
    env,
    cwd: process.cwd(),
    isTty: process.stderr.isTTY === true,
    isOutputTty: process.stdout.isTTY === true,
    // Some terminals report a size of 0.
    columns: Math.max(40, process.stderr.columns || 80),
    askSecret: (prompt) => askLine(prompt, true),
    ask: (prompt) => askLine(prompt, false),
    signal: controller.signal,
  }
}

/** Whoever read the output has closed it, as `head` does: the work goes on, and nobody is told. */
function ignoreClosed(error: Error): void {
  if (!hasCode(error, "EPIPE")) throw error
}

async function askLine(prompt: string, isSecret: boolean): Promise<string | undefined> {
  if (process.stdin.isTTY !== true) return undefined
  process.stderr.write(prompt)
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() })
  const reader = createInterface({ input: process.stdin, output: isSecret ? silent : process.stderr, terminal: true })
  try {
    return await reader.question("")
  } finally {
    reader.close()
    if (isSecret) process.stderr.write("\n")
  }
}
