/**
 * The frame of every process: what it says to its supervisor, and how it ends.
 * @module
 */
import { compact, EXIT, IntegrityError, NightlightError, RequestError } from "@nightlight/core"

/** What a process tells its supervisor, one line each on standard output. */
export type ProcessLine =
  | { readonly event: "result"; readonly result: object }
  /** How far it has come, of how much. */
  | { readonly event: "progress"; readonly done: number; readonly total: number }
  | { readonly event: "ready"; readonly port?: number; readonly adminPort?: number }
  | {
      readonly event: "failed"
      readonly code: string
      readonly message: string
      readonly hint?: string
      readonly retryable: boolean
    }

/** Writes a line for the supervisor. */
export function tell(line: ProcessLine): void {
  process.stdout.write(`${JSON.stringify(line)}\n`)
}

/**
 * Runs a process's work. It ends by having nothing left to do; the status says why.
 *
 * @param work - Resolves when everything is closed.
 */
export async function runMain(work: () => Promise<void>): Promise<void> {
  // A fault that nobody caught leaves unknown state behind: it ends the process, and what it says may quote anything.
  process.on("uncaughtException", fault)
  process.on("unhandledRejection", fault)
  try {
    await work()
  } catch (error) {
    const ours = error instanceof NightlightError
    tell({
      event: "failed",
      code: ours ? error.code : "internal",
      message: ours ? error.message : "a fault of its own",
      ...compact({ hint: ours && error.hint !== undefined ? error.hint : undefined }),
      retryable: ours ? error.retryable : true,
    })
    process.exitCode = exitOf(error)
  } finally {
    // The pipe to the supervisor alone keeps nobody running.
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
  // Nothing can be believed any more: what is under way is done again by who comes next.
  process.exit(EXIT.internal)
}
