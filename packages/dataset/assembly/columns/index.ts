/**
 * Looks the values of a page's column up: addresses, digests, texts.
 */
import { mayBeListedAddress } from "./address"
import { mayBeListedBytes, mayBeListedText } from "./digest"
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
    let isFound: bool
    if (role === ADDRESS) isFound = mayHoldMore(at, length) || mayBeListedAddress(at, length)
    else if (role === DIGEST_TEXT) isFound = mayBeListedText(at, length)
    else if ((role & 0xff) === DIGEST_BYTES) isFound = mayBeListedBytes(at, length, role >>> 8)
    else isFound = mayHoldMore(at, length)
    if (isFound) {
      store<u32>(found, entry)
      store<u32>(found, <u32>at, 4)
      store<u32>(found, length, 8)
      found += 12
      count++
    }
    at += length
  }
  end = at
  return count
}
