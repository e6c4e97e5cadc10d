/**
 * Looks addresses up by the prefixes of their keys, those of `urlLookupKeys` of @nightlight/core, where they are written
 * as their keys are, or nearly so. Any other is a find, which is asked again.
 */
import { prefixLower, prefixUpper, START_ONE, START_TWO, stepOne, stepTwo } from "./address-hash"
import { hostDots, hostLength, isPlainPath } from "./address-parts"
import { isEmpty, mayHold, URL } from "./filter"
import { made, madeBytes, madeQuery, makeKey, MAX_BYTES } from "./make-key"

const EXACT: u32 = 0x3d
const FOLDER: u32 = 0x2f
const HOST: u32 = 0x2e
const SLASH: u32 = 0x2f

const MAX_FOLDERS: u32 = 16
const MAX_HOST_PARTS: u32 = 10

/** Both words of the state after each four bytes of a key, from none on. */
const states = memory.data(((2048 >> 2) + 2) * 8, 16)

/** Whether a key of an address may be in a list. */
export function mayBeListedAddress(start: usize, length: u32): bool {
  if (isEmpty(URL)) return false
  // http, with or without s, and ://
  if (length < 8 || length > MAX_BYTES || load<u32>(start) !== 0x70747468) return true
  let host = start + 4
  if (load<u8>(host) === 0x73) host++
  if (load<u8>(host) !== 0x3a || load<u16>(host, 1) !== 0x2f2f) return true
  host += 3
  const end = start + length
  const hostBytes = hostLength(host, end)
  if (hostBytes === 0) return true
  const path = host + hostBytes
  if (path < end && load<u8>(path) === SLASH && isPlainPath(path, end)) {
    return hasKey(host, hostBytes, <u32>(end - host), 0)
  }
  return !makeKey(host, hostBytes, end) || hasKey(made, hostBytes, madeBytes(), madeQuery())
}

/** Whether one of the keys of an address may be in a list: address, folders, hosts. `query`: its offset, 0 for none. */
function hasKey(key: usize, hostBytes: u32, length: u32, query: u32): bool {
  hashWords(key, length)
  const pathEnd = query === 0 ? length : query
  if (has(key, length, EXACT) || has(key, hostBytes, HOST)) return true
  if (query !== 0 && has(key, query, EXACT)) return true
  let folders: u32 = 0
  for (let offset = hostBytes; offset < pathEnd && folders < MAX_FOLDERS; offset += 16) {
    let slashes = i8x16.bitmask(i8x16.eq(v128.load(key + offset), i8x16.splat(<i8>SLASH)))
    for (; slashes !== 0 && folders < MAX_FOLDERS; slashes &= slashes - 1) {
      const next = offset + ctz(slashes) + 1
      if (next > pathEnd) break
      folders++
      if (has(key, next, FOLDER)) return true
    }
  }
  return hasHostAbove(key, hostBytes)
}

/** Writes the states of a key. */
function hashWords(key: usize, length: u32): void {
  let one = START_ONE
  let two = START_TWO
  let state = states
  const end = key + length
  for (let at = key; at < end; at += 4, state += 8) {
    store<u32>(state, one)
    store<u32>(state, two, 4)
    const word = load<u32>(at)
    one = stepOne(one, word)
    two = stepTwo(two, word)
  }
  store<u32>(state, one)
  store<u32>(state, two, 4)
}

/** Whether a list may have a key that ends at an offset of the key whose states were written. */
// @ts-ignore: decorator
@inline
function has(key: usize, length: u32, kind: u32): bool {
  const words = length >>> 2
  const state = states + (words << 3)
  return hasState(load<u32>(state), load<u32>(state, 4), load<u32>(key + (words << 2)), length, kind)
}

// @ts-ignore: decorator
@inline
function hasState(one: u32, two: u32, last: u32, length: u32, kind: u32): bool {
  // The bytes behind the last whole word.
  const tail = last & ((1 << ((length & 3) << 3)) - 1)
  const first = stepOne(one, tail) ^ length
  const second = stepTwo(two, tail)
  return mayHold(URL, prefixUpper(first, second, kind), prefixLower(first, second, kind))
}

/** Whether a list may have a host above one: each of two labels or more. */
function hasHostAbove(host: usize, hostBytes: u32): bool {
  let dots = hostDots()
  let parts = <u32>popcnt(dots) + 1
  while (parts > 2) {
    parts--
    const from = <u32>ctz(dots) + 1
    dots &= dots - 1
    if (parts <= MAX_HOST_PARTS && hasWhole(host + from, hostBytes - from)) return true
  }
  return false
}

function hasWhole(key: usize, length: u32): bool {
  let one = START_ONE
  let two = START_TWO
  let offset: u32 = 0
  for (; offset + 4 <= length; offset += 4) {
    const word = load<u32>(key + offset)
    one = stepOne(one, word)
    two = stepTwo(two, word)
  }
  return hasState(one, two, load<u32>(key + offset), length, HOST)
}
