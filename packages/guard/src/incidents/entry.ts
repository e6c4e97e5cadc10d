/**
 * An incident as the spool stores it.
 * @module
 */
import { Finding } from "@nightlight/contract"
import { z } from "zod"

/** One incident, with what its delivery needs. Sealed on disk: it names an account. */
export const SpoolEntry = z.strictObject({
  finding: Finding,
  /** Keyed digest of the end user, or of the calling key where no user is named. */
  subjectKey: z.string(),
  /** The end user's account in clear, for the server only. */
  account: z.string().min(1).max(200).exactOptional(),
  /** Size of its sealed files. */
  sealedBytes: z.int().nonnegative(),
})

export type SpoolEntry = z.infer<typeof SpoolEntry>

/** Serialises an entry. */
export function toRecord(entry: SpoolEntry): Uint8Array {
  return Buffer.from(JSON.stringify(entry))
}

/** Reads an entry; `undefined` where it is not of this version. */
export function toEntry(record: Uint8Array): SpoolEntry | undefined {
  try {
    return SpoolEntry.parse(
      JSON.parse(Buffer.from(record.buffer, record.byteOffset, record.byteLength).toString("utf8")),
    )
  } catch {
    return undefined
  }
}
