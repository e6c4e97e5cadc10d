/**
 * Writes the key of an address that has a query, a fragment, an escape or no path.
 */
import { IN_PATH, IN_QUERY, isIn, UNRESERVED } from "./address-parts"

const SLASH: u32 = 0x2f
const DOT: u32 = 0x2e
const PERCENT: u32 = 0x25
const QUESTION: u32 = 0x3f
const HASH: u32 = 0x23

/** A longer address is not looked at. */
export const MAX_BYTES: u32 = 2048

/** The key: at most one byte longer than its address. */
export const made = memory.data(2048 + 64, 64)
let length: u32 = 0
let query: u32 = 0

/** Bytes of the key that was written last. */
export function madeBytes(): u32 {
  return length
}

/** Offset of its query; 0 where it has none. */
export function madeQuery(): u32 {
  return query
}

/** Writes the key of an address without its scheme. Returns whether that was simple. */
export function makeKey(host: usize, hostBytes: u32, end: usize): bool {
  memory.copy(made, host, hostBytes)
  let at = host + hostBytes
  let to = made + hostBytes
  query = 0
  if (at === end || load<u8>(at) !== SLASH) store<u8>(to++, SLASH)
  let allowed = IN_PATH
  for (; at < end; at++) {
    const byte: u32 = load<u8>(at)
    if (isIn(byte, allowed)) {
      store<u8>(to++, byte)
      if (byte === SLASH && allowed === IN_PATH && at + 1 < end && load<u8>(at + 1) === DOT) return false
    } else if (byte === PERCENT) {
      if (at + 2 >= end) return false
      const high = valueOf(load<u8>(at, 1))
      const low = valueOf(load<u8>(at, 2))
      const value = (high << 4) | low
      if ((high | low) > 15 || value === DOT) return false
      at += 2
      if (isIn(value, UNRESERVED)) store<u8>(to++, value)
      else {
        store<u8>(to, PERCENT)
        store<u8>(to, digitOf(high), 1)
        store<u8>(to, digitOf(low), 2)
        to += 3
      }
    } else if (byte === HASH) break
    else if (byte === QUESTION) {
      // A mark without a query is none.
      if (at + 1 === end || load<u8>(at + 1) === HASH) return false
      query = <u32>(to - made)
      store<u8>(to++, QUESTION)
      allowed = IN_QUERY
    } else return false
  }
  length = <u32>(to - made)
  return true
}

/** Value of a hexadecimal digit; more than 15 for another character. */
function valueOf(digit: u32): u32 {
  if (digit - 0x30 < 10) return digit - 0x30
  const letter = (digit | 0x20) - 0x61
  return letter < 6 ? letter + 10 : 16
}

function digitOf(value: u32): u32 {
  return value < 10 ? value + 0x30 : value + 0x37
}
