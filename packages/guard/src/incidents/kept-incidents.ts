/**
 * Incidents that the guards of a workspace kept and that are not delivered yet: ids, codes and times, no account.
 * @module
 */
import { readdir } from "node:fs/promises"
import { join } from "node:path"
import type { Finding } from "@nightlight/contract"
import { hasCode, NightlightError } from "@nightlight/core"
import { toReadError } from "@nightlight/durable"
import type { KeyedDigest } from "@nightlight/vault/seal"
import { toEntry } from "./entry.ts"
import { readSegment, segmentNumbers } from "./spool/segment.ts"
import { spoolKey } from "./spool-key.ts"

/** An incident that waits for delivery. */
export interface KeptIncident {
  readonly finding: Finding
  /** Keyed digest of the end user, or of the calling key where no user is named. */
  readonly subjectKey: string
}

/**
 * Reads the incidents of every guard of a workspace, also while guards run.
 *
 * @throws {DependencyError} `source_unreadable`.
 */
export async function readKeptIncidents(spoolDir: string, keyed: KeyedDigest): Promise<readonly KeptIncident[]> {
  const slots = await readdir(spoolDir).catch((error: unknown) => {
    if (hasCode(error, "ENOENT")) return []
    throw toReadError(error, "the spool")
  })
  const key = spoolKey(keyed)
  const kept: KeptIncident[] = []
  for (const slot of slots.filter((name) => /^\d{1,2}$/.test(name)).sort((a, b) => Number(a) - Number(b))) {
    const dir = join(spoolDir, slot)
    for (const number of await segmentNumbers(dir)) {
      const read = await readSegment(dir, number, key).catch((error: unknown) => {
        // Delivered and removed since the folder was read.
        if (error instanceof NightlightError && error.details["errno"] === "ENOENT") return undefined
        throw error
      })
      for (const { finding, subjectKey } of read?.records.flatMap((record) => toEntry(record) ?? []) ?? []) {
        kept.push({ finding, subjectKey })
      }
    }
  }
  return kept
}
