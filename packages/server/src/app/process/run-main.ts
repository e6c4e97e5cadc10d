/**
 * The frame of every process: what it reports to its supervisor, and how it ends.
 * @module
 */
import { compact, EXIT, IntegrityError, NightlightError, RequestError } from "@nightlight/core"

/** A message of a process to its supervisor: one line on standard output. */
export type ProcessLine =
  | { readonly event: "result"; readonly result: object }
  /** Progress: done of total. */
  | { readonly event: "progress"; readonly done: number; readonly total: number }
  | { readonly event: "ready"; readonly port?: number; readonly adminPort?: number }
  | {
      readonly event: "failed"
      readonly code: string
      readonly message: string
      readonly hint?: string
      readonly retryable: boolean
    }

/** Writes one line of JSON to standard output, which the supervisor reads. */
export function writeProcessLine(line: ProcessLine): void {
  process.stdout.write(`${JSON.stringify(line)}\n`)
}

/**
 * Runs a process's work. The process ends when nothing is left to do; its exit status says why.
 *
 * @param work - Resolves when everything is closed.
 */
export async function runMain(work: () => Promise<void>): Promise<void> {
  // An uncaught fault leaves unknown state behind, so it ends the process. Its message may quote anything and is not
  // printed.
  process.on("uncaughtException", fault)
  process.on("unhandledRejection", fault)
  try {
    await work()
  } catch (error) {
    const ours = error instanceof NightlightError
    writeProcessLine({
      event: "failed",
      code: ours ? error.code : "internal",
      message: ours ? error.message : "an internal error",
      ...compact({ hint: ours && error.hint !== undefined ? error.hint : undefined }),
      retryable: ours ? error.retryable : true,
    })
    process.exitCode = exitOf(error)
  } finally {
    // An open pipe to the supervisor does not keep the process running.
    process.stdin.destroy()
  }
}

function exitOf(error: unknown): number {
  if (error instanceof RequestError) return EXIT.wrongUse
  if (error instanceof IntegrityError) return EXIT.checkFailed
  return error instanceof NightlightError ? EXIT.retryable : EXIT.internal
}

function fault(error: unknown): void {
  const frames = error instanceof Error ? (error.stack ?? "").split("\n").filter((line) => /^\s+at /.test(line)) : []
  const kind = error instanceof Error ? error.name : typeof error
  process.stderr.write(`${JSON.stringify({ level: "fatal", message: "fault", kind, frames: frames.slice(0, 12) })}\n`)
  // The state can no longer be trusted: the next process repeats what is under way.
  process.exit(EXIT.internal)
}
