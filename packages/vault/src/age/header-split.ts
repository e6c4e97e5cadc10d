/**
 * Finds the end of an age file's header. Source: the age specification, "Header" (C2SP, age.md).
 * @module
 */
import { IntegrityError } from "@nightlight/core"

/** Longest accepted header: some hundreds of recipients. */
export const MAX_AGE_HEADER_BYTES = 64 * 1024

const FIRST_LINE = Buffer.from("age-encryption.org/v1\n")
/** Begins the last line of a header, and no other: stanzas begin with an arrow, and their bodies are base64. */
const LAST_LINE = Buffer.from("\n--- ")

/** An age file in two parts. */
export interface SplitAgeFile {
  /** The header, including its MAC and last newline. */
  readonly header: Uint8Array
  /** Nonce and payload, to the file's end. */
  readonly payload: AsyncIterable<Uint8Array>
  /** Closes the file, even if its payload was not read, or not to its end. */
  readonly close: () => Promise<void>
}

/**
 * Separates the header from the rest of a file; the rest is read in step with the reader of `payload`.
 *
 * @throws {IntegrityError} `evidence_digest_mismatch` if it does not begin with an age header of at most 64 KiB.
 */
export async function splitAgeFile(file: AsyncIterable<Uint8Array>): Promise<SplitAgeFile> {
  const chunks = file[Symbol.asyncIterator]()
  let held: Buffer = Buffer.alloc(0)
  for (;;) {
    const length = headerLength(held)
    if (length !== undefined) {
      return {
        header: new Uint8Array(held.subarray(0, length)),
        payload: rest(held.subarray(length), chunks),
        close: async () => void (await chunks.return?.()),
      }
    }
    const next = held.length > MAX_AGE_HEADER_BYTES ? { done: true as const } : await chunks.next()
    if (next.done === true) {
      await chunks.return?.()
      throw new IntegrityError("evidence_digest_mismatch", "sealed evidence is damaged", {
        details: { fault: "ciphertext_damaged" },
      })
    }
    held = Buffer.concat([held, next.value])
  }
}

/**
 * Length of the header at the beginning of a file in bytes; `undefined` while its end has not arrived, or if it is no
 * header.
 */
function headerLength(bytes: Buffer): number | undefined {
  if (!bytes.subarray(0, FIRST_LINE.length).equals(FIRST_LINE)) return undefined
  const last = bytes.indexOf(LAST_LINE)
  const end = last === -1 ? -1 : bytes.indexOf(0x0a, last + LAST_LINE.length)
  return end === -1 || end >= MAX_AGE_HEADER_BYTES ? undefined : end + 1
}

async function* rest(first: Uint8Array, chunks: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array, void, void> {
  if (first.length > 0) yield first
  for (;;) {
    const next = await chunks.next()
    if (next.done === true) return
    yield next.value
  }
}
