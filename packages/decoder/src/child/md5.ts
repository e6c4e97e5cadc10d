/**
 * MD5 of up to four messages at once, in WebAssembly SIMD. OpenSSL digests one at a time, which is most of the cost of
 * digests, because every step waits for the previous one.
 * @module
 */
import { loadWasm } from "./wasm.ts"

/** Messages that are digested at once. */
export const MD5_LANES = 4

const DIGEST_BYTES = 16

/** Memory for messages, and their digests. */
export interface Md5 {
  /** The bytes of each slot. A message is written to the start of a slot, and is not changed by digesting. */
  readonly slots: readonly Uint8Array[]
  /**
   * Digests the first `length` bytes of each slot. Takes as long as the longest message.
   *
   * @param messages - one to {@link MD5_LANES}, in different slots.
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

/** Exports of `assembly/md5/index.ts`. */
interface Md5Exports {
  readonly memory: { readonly buffer: ArrayBuffer }
  reserve(slots: number, messageBytes: number): number
  slotAt(slot: number): number
  digestAt(lane: number): number
  digest(...slotsAndLengths: readonly number[]): void
}

/**
 * Starts the module with slots of this number and size; memory is committed as it is written.
 *
 * @throws {Error} when the module cannot be read or started, or there is not enough memory.
 */
export function createMd5(slots: number, messageBytes: number): Md5 {
  const wasm = loadWasm<Md5Exports>("md5")()
  // One more slot, for unused lanes.
  if (wasm.reserve(slots + 1, messageBytes) === 0) throw new Error("expected memory for the messages")
  // The memory never grows again, so that the returned slots stay valid.
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
