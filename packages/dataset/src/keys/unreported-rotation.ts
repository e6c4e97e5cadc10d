/**
 * A rotation whose result was not reported yet, because its call was killed first.
 * @module
 */
import { readFile, rm } from "node:fs/promises"
import { join } from "node:path"
import { hasCode } from "@nightlight/core"
import { writeFileAtomic } from "@nightlight/durable"
import type { WorkspaceLayout } from "../workspace/layout.ts"

/** Its note, beside the keys. */
export interface UnreportedRotation {
  /** Returns the note, if a rotation is unreported. */
  read(): Promise<string | undefined>
  /** Notes what a rotation is about to do, in one line. */
  note(what: string): Promise<void>
  clear(): Promise<void>
}

/** Opens the note of a workspace's recipients, of its key as a source or of its signing key. */
export function unreportedRotation(
  { keys }: WorkspaceLayout,
  of: "recipient" | "source" | "signing",
): UnreportedRotation {
  const path = join(keys, `.${of}-rotation`)
  return {
    read: async () => {
      const text = await readFile(path, "utf8").catch((error: unknown) => {
        if (hasCode(error, "ENOENT")) return undefined
        throw error
      })
      return text?.trimEnd()
    },
    note: (what) => writeFileAtomic(path, `${what}\n`, 0o600),
    clear: () => rm(path, { force: true }),
  }
}
