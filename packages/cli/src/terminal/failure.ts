/**
 * How an error is shown: what happened, where, what to do; and its exit code.
 * @module
 */
import {
  compact,
  DependencyError,
  EXIT,
  type ExitCode,
  IntegrityError,
  inert,
  NightlightError,
  RequestError,
  ShardError,
} from "@nightlight/core"

/** An error as it is shown. */
export interface Failure {
  readonly exit: ExitCode
  readonly code: string
  readonly message: string
  readonly hint?: string
}

/** Decides how much of an error may be shown. A foreign error may quote anything, so its message is left out. */
export function toFailure(error: unknown): Failure {
  if (error instanceof NightlightError) {
    return {
      exit: exitOf(error),
      code: error.code,
      message: inert(error.message),
      ...compact({ hint: error.hint }),
    }
  }
  if (error instanceof Error && error.name === "AbortError") {
    return {
      exit: EXIT.retryable,
      code: "stopped",
      message: "stopped before it finished",
      hint: "Run the same command again to continue.",
    }
  }
  return {
    exit: EXIT.internal,
    code: "internal",
    message: `unexpected ${error instanceof Error ? error.name : typeof error} at ${placeOf(error)}`,
    hint: "This is a bug in nightlight: please report it with this line.",
  }
}

/** Writes a failure for a person. */
export function formatFailure({ code, message, hint }: Failure): string {
  return `nightlight: ${message} (${code})\n${hint === undefined ? "" : `  ${hint}\n`}`
}

function exitOf(error: NightlightError): ExitCode {
  if (error instanceof RequestError) return EXIT.wrongUse
  if (error instanceof DependencyError) return EXIT.retryable
  if (error instanceof IntegrityError) return EXIT.checkFailed
  if (error instanceof ShardError) return EXIT.poisonShard
  return EXIT.internal
}

/** The first line of our own code in a stack: file and line, no message. */
function placeOf(error: unknown): string {
  const stack = error instanceof Error ? (error.stack ?? "") : ""
  const frame = stack.split("\n").find((line) => /^\s+at .*packages\//.test(line))
  return /packages\/[\w./-]+:\d+/.exec(frame ?? "")?.[0] ?? "an unknown place"
}
