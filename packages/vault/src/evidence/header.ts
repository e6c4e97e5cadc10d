/**
 * The plaintext of a sealed file: four bytes, big-endian, with the header's length; the header as canonical JSON; then
 * the content. It exists only in memory.
 * @module
 */
import { canonicalJson, type JsonValue, RequestError } from "@nightlight/core"

const FORMAT = "nightlight-evidence/1"

/** Longest header that is sealed or opened. */
export const MAX_HEADER_BYTES = 4 * 1024 * 1024

/** Header that is sealed together with the content. */
export interface EvidenceHeader {
  readonly evidenceId: string
  /** Whether content follows. */
  readonly hasContent: boolean
  /** SHA-256 of the content, sealed here or left in place: lower-case hexadecimal. */
  readonly contentSha256: string
  /** Where the content came from: the caller's own JSON, with everything that a report needs. */
  readonly provenance: JsonValue
  /** ISO 8601, UTC. */
  readonly sealedAt: string
}

/**
 * Writes length and header.
 *
 * @throws {RequestError} `input_invalid` if the provenance is not JSON or makes the header longer than 4 MiB.
 */
export function encodeHeader(header: EvidenceHeader): Uint8Array {
  const json = Buffer.from(toText(header))
  if (json.length > MAX_HEADER_BYTES) {
    throw new RequestError("input_invalid", "the provenance of an item is too long to be sealed", {
      details: { headerBytes: json.length, maxBytes: MAX_HEADER_BYTES },
    })
  }
  const bytes = new Uint8Array(4 + json.length)
  new DataView(bytes.buffer).setUint32(0, json.length)
  bytes.set(json, 4)
  return bytes
}

/**
 * Removes the header from an opened file's first chunks.
 *
 * @param chunks - The plaintext, in any chunking. Consumed only as far as the header needs.
 * @returns The header, and the content bytes that came with its last chunk; `undefined` if there is no whole header.
 */
export async function readHeader(
  chunks: AsyncIterator<Uint8Array>,
): Promise<{ readonly header: EvidenceHeader; readonly rest: Uint8Array } | undefined> {
  let held: Uint8Array = new Uint8Array(0)
  const parts: Uint8Array[] = []
  let heldBytes = 0
  let neededBytes = 4
  while (heldBytes < neededBytes) {
    const next = await chunks.next()
    if (next.done === true) return undefined
    parts.push(next.value)
    heldBytes += next.value.length
    if (heldBytes < neededBytes) continue
    held = Buffer.concat(parts)
    neededBytes = 4 + new DataView(held.buffer, held.byteOffset).getUint32(0)
    if (neededBytes > 4 + MAX_HEADER_BYTES) return undefined
  }
  held = Buffer.concat(parts)
  const header = parseHeader(held.subarray(4, neededBytes))
  return header === undefined ? undefined : { header, rest: held.subarray(neededBytes) }
}

function toText({ evidenceId, hasContent, contentSha256, provenance, sealedAt }: EvidenceHeader): string {
  try {
    return canonicalJson({ format: FORMAT, evidenceId, hasContent, contentSha256, provenance, sealedAt })
  } catch {
    throw new RequestError("input_invalid", "the provenance of an item is not JSON")
  }
}

function parseHeader(json: Uint8Array): EvidenceHeader | undefined {
  let value: Record<string, unknown>
  try {
    // Any JSON value other than null can be checked for members.
    value = (JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(json)) ?? {}) as Record<string, unknown>
  } catch {
    return undefined
  }
  const { format, evidenceId, hasContent, contentSha256, provenance, sealedAt } = value
  if (format !== FORMAT || typeof evidenceId !== "string" || typeof hasContent !== "boolean") return undefined
  if (typeof contentSha256 !== "string" || typeof sealedAt !== "string" || provenance === undefined) return undefined
  return { evidenceId, hasContent, contentSha256, provenance: provenance as JsonValue, sealedAt }
}
