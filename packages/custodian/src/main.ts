/**
 * The custodian's process: `main.ts FOLDER [--passphrase-stdin | --supervised]`. Prints one line of JSON when it
 * listens; ends on SIGTERM when its work is done and, if supervised, also when its standard input ends, because its
 * supervisor is gone.
 * @module
 */
import { isAbsolute, join } from "node:path"
import { compact, NightlightError, readFirstLine } from "@nightlight/core"
import { withLock } from "@nightlight/durable"
import { custodianLayout } from "./layout.ts"
import { serve } from "./service/serve.ts"

const START_LOCK_MS = 5_000
const MAX_PASSPHRASE_CHARACTERS = 1024

// A stack or a message may quote what was being worked on, so only a code is printed.
process.setUncaughtExceptionCaptureCallback((error) => {
  process.stderr.write(`custodian: stopped: ${codeOf(error)}\n`)
  process.exit(70)
})

const isSupervised = process.argv.includes("--supervised")
const stopped = new Promise<void>((resolve) => {
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => resolve())
  if (isSupervised) process.stdin.resume().once("close", () => resolve())
})

try {
  await run(process.argv.slice(2))
} catch (error) {
  const hint = error instanceof NightlightError ? `: ${error.message}` : ""
  process.stderr.write(`custodian: ${codeOf(error)}${hint}\n`)
  process.exitCode = 1
} finally {
  if (isSupervised) process.stdin.destroy()
}

async function run(args: readonly string[]): Promise<void> {
  const [root = "", ...flags] = args
  if (!isAbsolute(root)) throw new TypeError("expected the absolute path of a custodian's folder")
  const passphrase = flags.includes("--passphrase-stdin") ? await readLine() : undefined
  const acceptConfig = flags.includes("--accept-config")
  // Only somebody who types the passphrase confirms a changed configuration; a key file confirms nothing.
  const options = compact({ passphrase, acceptConfig: passphrase === undefined ? undefined : acceptConfig })
  await withLock(
    custodianLayout(root).lock,
    async () => {
      await using serving = await serve(root, options)
      process.stdout.write(`${JSON.stringify({ listening: join(serving.socket) })}\n`)
      await stopped
    },
    { timeoutMs: START_LOCK_MS },
  )
}

/** The first line of standard input, which must be a pipe. */
async function readLine(): Promise<string> {
  const line = await readFirstLine(process.stdin, MAX_PASSPHRASE_CHARACTERS)
  process.stdin.destroy()
  return line.slice(0, MAX_PASSPHRASE_CHARACTERS)
}

function codeOf(error: unknown): string {
  return error instanceof NightlightError ? error.code : "internal"
}
