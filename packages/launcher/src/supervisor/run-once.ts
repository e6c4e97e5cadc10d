import {
  DependencyError,
  EXIT,
  IntegrityError,
  type IntegrityErrorCode,
  RequestError,
  type RequestErrorCode,
} from "@nightlight/core"
import { type ChildCommand, type ChildLine, startChild } from "./child.ts"

/** Takes how far something has come, of how much. */
export type OnProgress = (done: number, total: number) => void

/**
 * Runs a child to its end.
 *
 * @param name - For the message of a failure.
 * @param onProgress - Is told what the child says of its progress.
 * @returns What it said.
 * @throws {RequestError} or {@link IntegrityError} with the child's code and words, where it was used wrongly or a check of
 *   its failed; {@link DependencyError} `unavailable` with its words otherwise.
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
  const options = failed?.hint === undefined ? {} : { hint: failed.hint }
  if (failed !== undefined && code === EXIT.checkFailed) {
    throw new IntegrityError(failed.code as IntegrityErrorCode, words, options)
  }
  if (failed !== undefined && code === EXIT.wrongUse) {
    throw new RequestError(failed.code as RequestErrorCode, words, options)
  }
  throw new DependencyError("unavailable", `the ${name} failed: ${words}`, options)
}
