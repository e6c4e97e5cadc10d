/**
 * Makes new headers of sealed files with given private halves. Only the file key is decrypted, in memory.
 * @module
 */
import { createHash } from "node:crypto"
import { splitAgeFile } from "../age/header-split.ts"
import { rewrapHeader } from "../age/rewrap-header.ts"
import { evidencePaths, readChunks } from "./files.ts"
import type { HeaderMaker } from "./rewrap.ts"

/** Makes headers with private halves that are at hand. */
export function headersFor(identities: readonly string[], recipients: readonly string[]): HeaderMaker {
  return async (_, header) => ({ header: await rewrapHeader(header, identities, recipients) })
}

/** A new header of a sealed file, and the digests of the file with the old one and with this one. */
export interface MeasuredHeader {
  readonly header: Uint8Array
  readonly before: string
  readonly after: string
}

/**
 * Makes the new header of a sealed file and digests the file with both; writes nothing.
 *
 * @throws {IntegrityError} `key_unusable`, `evidence_digest_mismatch`; `details.fault` says which.
 */
export async function measureRewrap(
  dir: string,
  evidenceId: string,
  { identities, recipients }: { readonly identities: readonly string[]; readonly recipients: readonly string[] },
): Promise<MeasuredHeader> {
  const { header: old, payload, close } = await splitAgeFile(readChunks(evidencePaths(dir, evidenceId).ciphertext))
  try {
    const header = await rewrapHeader(old, identities, recipients)
    const before = createHash("sha256").update(old)
    const after = createHash("sha256").update(header)
    for await (const chunk of payload) {
      before.update(chunk)
      after.update(chunk)
    }
    return { header, before: before.digest("hex"), after: after.digest("hex") }
  } finally {
    await close()
  }
}
