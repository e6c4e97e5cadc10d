/**
 * A rotation that nobody was told of yet: its call was killed between the new manifest and its own end.
 * @module
 */
import { readFile, rm } from "node:fs/promises"
import { join } from "node:path"
import { hasCode } from "@nightlight/core"
import type { RecipientRole } from "@nightlight/vault"
import { writeFileAtomic } from "@nightlight/vault/durable"
import type { WorkspaceLayout } from "../workspace/layout.ts"

/** The note of it, beside the keys. */
export interface UntoldRotation {
  /** Notes that a version of the manifest is about to be written in which a key that was made here enters. */
  note(role: RecipientRole, version: number): Promise<void>
  /** Whether the note is of that version and role. */
  isOf(role: RecipientRole, version: number): Promise<boolean>
  clear(): Promise<void>
}

/** Opens the note of a workspace. */
export function untoldRotation({ keys }: WorkspaceLayout): UntoldRotation {
  const path = join(keys, ".rotation")
  const textOf = (role: RecipientRole, version: number): string => `${role} ${version}\n`
  return {
    note: (role, version) => writeFileAtomic(path, textOf(role, version), 0o600),
    isOf: async (role, version) => {
      const text = await readFile(path, "utf8").catch((error: unknown) => {
        if (hasCode(error, "ENOENT")) return undefined
        throw error
      })
      return text === textOf(role, version)
    },
    clear: () => rm(path, { force: true }),
  }
}
