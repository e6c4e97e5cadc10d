/**
 * Looks the values of a page's column up: addresses, digests, texts.
 */
import { hostWord, MAY_BE_LISTED, mayBeListedAddress, NOT_LISTED } from "./address"
import { mayBeListedBytes, mayBeListedText } from "./digest"
import { mayHaveHost } from "./filter"
import { mayHoldMore } from "./plain-text"

export { allocate } from "./memory"
export { addPrefixes, filterBytes, useFilter } from "./filter"
export { inflateSnappy } from "./snappy"

const ADDRESS: u32 = 0
const DIGEST_TEXT: u32 = 1
const DIGEST_BYTES: u32 = 2

let end: usize = 0

/** Address behind the last value that was tested. */
export function valuesEnd(): usize {
  return end
}

/**
 * Tests values that lie one behind the other, each behind its length.
 *
 * @param role What they are; for digests in bytes with the lengths of {@link mayBeListedBytes} in the next eight bits.
 * @param levels Address of as many definition levels, or 0 where each entry has a value; a lower one has none.
 * @param found Receives position, address and length of each value that is to be looked at.
 * @returns the number of these; -1 where a value ends outside of the page, or a level is too high.
 */
export function testValues(
  role: u32,
  start: usize,
  pageEnd: usize,
  entries: u32,
  levels: usize,
  definition: u32,
  found: usize,
): i32 {
  let at = start
  let count: i32 = 0
  let queued = queue
  for (let entry: u32 = 0; entry < entries; entry++) {
    if (levels !== 0) {
      const level = load<u32>(levels + (<usize>entry << 2))
      if (level > definition) return -1
      if (level < definition) continue
    }
    if (<usize>(pageEnd - at) < 4) return -1
    const length = load<u32>(at)
    at += 4
    if (length > <u32>(pageEnd - at)) return -1
    if (role === ADDRESS) {
      const word = mayHoldMore(at, length) ? MAY_BE_LISTED : hostWord(at, length)
      store<u64>(queued, word)
      store<u32>(queued, entry, 8)
      store<u32>(queued, <u32>at, 12)
      store<u32>(queued, length, 16)
      queued += 24
      if (queued === queue + QUEUE_BYTES) {
        count += testQueue(queued, found + count * 12)
        queued = queue
      }
    } else {
      let isFound: bool
      if (role === DIGEST_TEXT) isFound = mayBeListedText(at, length)
      else if ((role & 0xff) === DIGEST_BYTES) isFound = mayBeListedBytes(at, length, role >>> 8)
      else isFound = mayHoldMore(at, length)
      if (isFound) {
        store<u32>(found + count * 12, entry)
        store<u32>(found + count * 12, <u32>at, 4)
        store<u32>(found + count * 12, length, 8)
        count++
      }
    }
    at += length
  }
  count += testQueue(queued, found + count * 12)
  end = at
  return count
}

/** Addresses whose hosts are looked up one behind the other, so that the processor waits for memory once for many. */
const QUEUE_BYTES: usize = 128 * 24
const queue = memory.data(128 * 24, 64)

function testQueue(end: usize, found: usize): i32 {
  let count: i32 = 0
  for (let one = queue; one < end; one += 24) {
    const word = load<u64>(one)
    if (word === NOT_LISTED) continue
    if (word !== MAY_BE_LISTED) {
      if (!mayHaveHost(<u32>(word >>> 32))) continue
      if (!mayBeListedAddress(load<u32>(one, 12), load<u32>(one, 16))) continue
    }
    store<u32>(found, load<u32>(one, 8))
    store<u32>(found, load<u32>(one, 12), 4)
    store<u32>(found, load<u32>(one, 16), 8)
    found += 12
    count++
  }
  return count
}
