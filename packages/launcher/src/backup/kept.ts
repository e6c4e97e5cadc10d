import { NightlightError } from "@nightlight/core"
import type { BackupTrust } from "./ports.ts"
import { readDocument } from "./read-backup.ts"

/** A backup, read from its signed document alone. */
export interface KeptBackup {
  readonly folder: string
  readonly id: string
  readonly madeAt: Date
}

/** Reads a folder's backup; `undefined` unless it is one that the trusted key signed. */
export async function readKept(folder: string, trust: BackupTrust): Promise<KeptBackup | undefined> {
  try {
    const { id, madeAt } = await readDocument(folder, trust)
    return { folder, id, madeAt: new Date(madeAt) }
  } catch (error) {
    if (error instanceof NightlightError) return undefined
    throw error
  }
}
