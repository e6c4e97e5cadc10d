/**
 * Reads a subset of a DataComp pool that the user made: a NumPy file of ids.
 * @module
 */

import { open } from "node:fs/promises"
import { setImmediate as nextTurn } from "node:timers/promises"
import { hasCode, RequestError } from "@nightlight/core"
import { toReadError } from "@nightlight/durable"
import { HEAD_BYTES, readHeader, unusable } from "./npy-header.ts"
import { UID_BYTES, UID_WORDS } from "./uid.ts"
import { FileCursor } from "./uid-cursor.ts"
import type { UidSorter } from "./uid-sorter.ts"

const YIELD_UIDS = 2 ** 16

/**
 * Adds the ids of a subset, which may be in any order and repeat.
 *
 * @throws {RequestError} `not_found`; `input_invalid` where it is not a NumPy file of ids, or has not as many as it says.
 * @throws {DependencyError} `source_unreadable`, `source_changed`; `disk_full`, `write_failed`.
 */
export async function readSubset(path: string, to: UidSorter, signal: AbortSignal): Promise<void> {
  const { head, sizeBytes } = await readHead(path)
  const header = readHeader(head)
  const expected = header.sizeBytes + header.count * UID_BYTES
  if (sizeBytes < expected) throw unusable("it is cut short")
  if (sizeBytes > expected) throw unusable("it has more bytes than its header says")
  using ids = new FileCursor(path, { offset: header.sizeBytes, count: header.count })
  let next = YIELD_UIDS
  while (ids.advance()) {
    if (to.isFull) await to.flush()
    const { at, words } = to
    for (let word = 0; word < UID_WORDS; word++) words[at + word] = ids.words[ids.at + word] as number
    to.added()
    if (--next > 0) continue
    next = YIELD_UIDS
    signal.throwIfAborted()
    await nextTurn()
  }
}

async function readHead(path: string): Promise<{ readonly head: Buffer; readonly sizeBytes: number }> {
  try {
    await using file = await open(path, "r")
    const stat = await file.stat()
    if (!stat.isFile()) throw unusable("it is not a plain file")
    const head = Buffer.alloc(Math.min(HEAD_BYTES, stat.size))
    let filled = 0
    while (filled < head.length) {
      const { bytesRead } = await file.read(head, filled, head.length - filled, filled)
      if (bytesRead === 0) break
      filled += bytesRead
    }
    return { head: head.subarray(0, filled), sizeBytes: stat.size }
  } catch (error) {
    if (hasCode(error, "ENOENT")) throw new RequestError("not_found", `the subset ${path} does not exist`)
    throw toReadError(error, "a subset")
  }
}
