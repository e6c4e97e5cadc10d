import { hash } from "node:crypto"
import type { Digests } from "./digests.ts"
import type { ItemRequest } from "./item-request.ts"
import { createMd5, MD5_LANES, type Md5Message } from "./md5.ts"
import { itemIn, type OpenSource, openSource } from "./open-item.ts"

/** Larger items are read separately, in their own turn. */
const MAX_BYTES = 1024 * 1024

/** Cost of digesting four messages at once, relative to digesting the longest of them alone. */
const COST_OF_FOUR = 1.5

/** An item that was read ahead. */
export interface AheadItem {
  /** All bytes of the item; valid until {@link release}. */
  readonly bytes: Buffer
  readonly digests: Digests
  release(): void
}

/** Reads and digests a few small items of files together, ahead of their turn. */
export interface ReadAhead {
  /**
   * Reads the first request and the following ones that can be read with it. Does nothing where that would not be
   * faster. An item that cannot be read is left for its own turn, which reports the cause.
   */
  read(requests: readonly ItemRequest[]): void
  /** Returns an item that was read, once. */
  take(id: number): AheadItem | undefined
}

/**
 * Allocates the memory.
 *
 * @param lanes - number of items processed concurrently.
 * @param confineTo - as for `openItem`.
 */
export function createReadAhead(lanes: number, confineTo: readonly string[] | null): ReadAhead {
  const md5 = createMd5(lanes + MD5_LANES, MAX_BYTES)
  const free = md5.slots.map((_, slot) => slot)
  const ready = new Map<number, AheadItem>()

  /** Reads one item into a slot; `undefined` where it is too large or cannot be read. */
  function fill({ source, id }: ItemRequest, opened: Map<string, OpenSource>): Filled | undefined {
    const slot = free.at(-1)
    if (source.kind === "bytes" || source.kind === "stream" || slot === undefined) return undefined
    try {
      const file = opened.get(source.path) ?? openSource(source.path, confineTo)
      opened.set(source.path, file)
      const { sizeBytes, read } = itemIn(file, source)
      if (sizeBytes > MAX_BYTES) return undefined
      const memory = md5.slots[slot] ?? new Uint8Array()
      const length = read(memory.subarray(0, sizeBytes), 0)
      free.pop()
      return { id, slot, length, bytes: Buffer.from(memory.buffer, memory.byteOffset, length) }
    } catch {
      return undefined
    }
  }

  function digest(batch: readonly Filled[]): void {
    const total = batch.reduce((sum, { length }) => sum + length, 0)
    const pays = total > COST_OF_FOUR * Math.max(...batch.map(({ length }) => length))
    const digests = pays ? md5.digest(batch) : batch.map(({ bytes }) => hash("md5", bytes))
    for (const [position, { id, slot, bytes }] of batch.entries()) {
      ready.set(id, {
        bytes,
        digests: { md5: digests[position] ?? "", sha1: hash("sha1", bytes), sha256: hash("sha256", bytes) },
        release: () => free.push(slot),
      })
    }
  }

  return {
    read(requests) {
      const batch = requests.slice(0, Math.min(MD5_LANES, free.length))
      const [first] = batch
      if (first === undefined || batch.length < 2 || ready.has(first.id)) return
      // An item that may end the child is read in its own turn, alone, and reports its digests first.
      if (batch.some(({ early, source, id }) => early || !("path" in source) || ready.has(id))) return
      const opened = new Map<string, OpenSource>()
      try {
        const filled = batch.map((request) => fill(request, opened)).filter((item) => item !== undefined)
        if (filled.length > 0) digest(filled)
      } finally {
        for (const file of opened.values()) file.close()
      }
    },
    take(id) {
      const item = ready.get(id)
      ready.delete(id)
      return item
    },
  }
}

interface Filled extends Md5Message {
  readonly id: number
  readonly bytes: Buffer
}
