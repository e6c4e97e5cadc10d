import {
  compact,
  DependencyError,
  EXIT,
  IntegrityError,
  type IntegrityErrorCode,
  RequestError,
  type RequestErrorCode,
} from "@nightlight/core"
import { type ChildCommand, type ChildLine, startChild } from "./child.ts"

/** Receives progress: units done, of the total. */
export type OnProgress = (done: number, total: number) => void

/**
 * Runs a child to its end.
 *
 * @param name - Name of the child for error messages.
 * @param onProgress - Receives the child's progress.
 * @returns The child's lines.
 * @throws {RequestError} or {@link IntegrityError} with the child's code and message, for wrong usage or a failed
 *   check; otherwise {@link DependencyError} `unavailable` with its message.
 */
export async function runOnce(
  name: string,
  command: Omit<ChildCommand, "onLine">,
  onProgress?: OnProgress,
): Promise<readonly ChildLine[]> {
  const seen: ChildLine[] = []
  const child = startChild({
    ...command,
    onLine: (line) => {
      if (line.event === "progress") onProgress?.(line.done, line.total)
      else seen.push(line)
    },
  })
  const { code } = await child.exited
  const failed = seen.find((line) => line.event === "failed")
  if (code === 0 && failed === undefined) return seen
  const words = failed?.message ?? "it ended before it was done"
  const options = compact({ hint: failed?.hint })
  if (failed !== undefined && code === EXIT.checkFailed) {
    throw new IntegrityError(failed.code as IntegrityErrorCode, words, options)
  }
  if (failed !== undefined && code === EXIT.wrongUse) {
    throw new RequestError(failed.code as RequestErrorCode, words, options)
  }
  throw new DependencyError("unavailable", `the ${name} failed: ${words}`, options)
}
