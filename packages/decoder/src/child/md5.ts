/**
 * MD5 of up to four messages at once, in WebAssembly SIMD: OpenSSL's one at a time is most of what digests cost, for
 * every step waits for the one before it.
 * @module
 */
import { loadWasm } from "./wasm.ts"

/** Messages that are digested at once. */
export const MD5_LANES = 4

const DIGEST_BYTES = 16

/** Memory for messages, and the digests of those that lie in it. */
export interface Md5 {
  /** The bytes of each slot. A message is written to the start of one, and stays as it is while it is digested. */
  readonly slots: readonly Uint8Array[]
  /**
   * Digests the first `length` bytes of each of the slots. Takes as long as the longest takes.
   *
   * @param messages - One to {@link MD5_LANES}, of different slots.
   * @returns Lower-case hexadecimal digests, in the order of the messages.
   */
  digest(messages: readonly Md5Message[]): readonly string[]
}

/** A message in a slot. */
export interface Md5Message {
  /** Position of the slot. */
  readonly slot: number
  /** Bytes, at most those of the slot. */
  readonly length: number
}

/** What `assembly/md5/index.ts` exports. */
interface Md5Exports {
  readonly memory: { readonly buffer: ArrayBuffer }
  reserve(slots: number, messageBytes: number): number
  slotAt(slot: number): number
  digestAt(lane: number): number
  digest(...slotsAndLengths: readonly number[]): void
}

/**
 * Starts the module with so many slots of so many bytes; memory is taken as it is written to.
 *
 * @throws {Error} when it cannot be read or started, or there is no memory.
 */
export function createMd5(slots: number, messageBytes: number): Md5 {
  const wasm = loadWasm<Md5Exports>("md5")()
  // One more, for the lanes that are not needed.
  if (wasm.reserve(slots + 1, messageBytes) === 0) throw new Error("expected memory for the messages")
  // It never grows again, so that what is handed out stays valid.
  const { buffer } = wasm.memory
  return {
    slots: Array.from({ length: slots }, (_, slot) => new Uint8Array(buffer, wasm.slotAt(slot), messageBytes)),
    digest(messages) {
      const lanes = Array.from({ length: MD5_LANES }, (_, lane) => messages[lane] ?? { slot: slots, length: 0 })
      wasm.digest(...lanes.map(({ slot }) => slot), ...lanes.map(({ length }) => length))
      return messages.map((_, lane) => Buffer.from(buffer, wasm.digestAt(lane), DIGEST_BYTES).toString("hex"))
    },
  }
}
