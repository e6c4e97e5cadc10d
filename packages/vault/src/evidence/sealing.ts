/**
 * Encrypts to public keys. Nothing here can open the result.
 * @module
 */
import { ReadableStream } from "node:stream/web"
import { assertRecipient } from "../keys/recipient.ts"

/**
 * Encrypts a stream of bytes to every one of the recipients, as one binary age file.
 *
 * @param plaintext - Read once, in step with the reader of the result; an error it throws comes out of the result.
 * @param recipients - age X25519 public keys, at least one.
 * @returns The age file in chunks of about 64 KiB.
 * @throws {RequestError} `key_malformed` if a recipient is not an X25519 public key.
 */
export async function* seal(
  plaintext: AsyncIterable<Uint8Array>,
  recipients: readonly string[],
): AsyncGenerator<Uint8Array, void, void> {
  // Loaded when something is first sealed: most scans find nothing.
  const { Encrypter } = await import("age-encryption")
  const encrypter = new Encrypter()
  for (const recipient of recipients) encrypter.addRecipient(assertRecipient(recipient))
  const source = plaintext[Symbol.asyncIterator]()
  try {
    yield* await encrypter.encrypt(ReadableStream.from({ [Symbol.asyncIterator]: () => source }))
  } finally {
    // A writer that stopped leaves the rest unread: the content's reader would wait with it open.
    await source.return?.()
  }
}
