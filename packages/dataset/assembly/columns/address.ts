/**
 * Looks addresses up by the prefixes of their keys, those of `urlLookupKeys` of @nightlight/core, where they are written
 * as their keys are, or nearly so. Any other is a find, which is asked again.
 */
import { prefixOf, START, step } from "./address-hash"
import { hostDots, hostLength, isPlainQuery, plainPathEnd } from "./address-parts"
import { ADDRESSES, FOLDERS, HOSTS, isEmpty, LISTED_HOSTS, mayHoldAddress } from "./filter"
import { made, madeBytes, madeQuery, makeKey, MAX_BYTES } from "./make-key"

/** First characters of keys. */
const EXACT: u64 = 0x3d
const FOLDER: u64 = 0x2f
const HOST: u64 = 0x2e
const SLASH: u32 = 0x2f
const QUESTION: u32 = 0x3f

const MAX_FOLDERS: u32 = 16
const MAX_HOST_PARTS: u32 = 10

/** `https://` and `http://`. */
const HTTPS: u64 = 0x2f2f3a7370747468
const HTTP: u64 = 0x2f2f3a70747468
const SEVEN_BYTES: u64 = 0xffffffffffffff

/** The state after each eight bytes of a key, from none on. */
const states = memory.data(((2048 >> 3) + 2) * 8, 16)

/** What {@link hostWord} gives where nothing needs to be looked up. */
export const MAY_BE_LISTED: u64 = 1
export const NOT_LISTED: u64 = 0

/**
 * By what `mayHaveHost` looks an address's host up; {@link NOT_LISTED} where there are no lists, {@link MAY_BE_LISTED}
 * where the address must be looked at.
 */
// @ts-ignore: decorator
@inline
export function hostWord(start: usize, length: u32): u64 {
  if (isEmpty(LISTED_HOSTS)) return NOT_LISTED
  if (length < 8 || length > MAX_BYTES) return MAY_BE_LISTED
  const scheme = load<u64>(start)
  const host = start + (scheme === HTTPS ? 8 : 7)
  if (scheme !== HTTPS && (scheme & SEVEN_BYTES) !== HTTP) return MAY_BE_LISTED
  const hostBytes = hostLength(host, start + length)
  if (hostBytes === 0 || hasHostAbove(host, hostBytes)) return MAY_BE_LISTED
  return wholePrefix(host, hostBytes) | 2
}

/** Whether a key of an address whose host a list may have something of may be in a list. */
export function mayBeListedAddress(start: usize, length: u32): bool {
  const host = start + (load<u64>(start) === HTTPS ? 8 : 7)
  const hostBytes = hostLength(host, start + length)
  return mayBeListedUnder(host, hostBytes, start + length, wholePrefix(host, hostBytes))
}

/** The same, for an address of a host that a list may have something of. */
function mayBeListedUnder(host: usize, hostBytes: u32, end: usize, prefix: u64): bool {
  if (!isEmpty(HOSTS) && (mayHoldHost(prefix) || hasHostAbove(host, hostBytes))) return true
  const upper = <u32>(prefix >>> 32)
  const path = host + hostBytes
  if (path < end && load<u8>(path) === SLASH) {
    const pathEnd = plainPathEnd(path, end)
    if (pathEnd === end) return hasPath(host, hostBytes, <u32>(end - host), 0, upper)
    // A mark without a query is none.
    if (load<u8>(pathEnd) === QUESTION && pathEnd + 1 < end && isPlainQuery(pathEnd + 1, end)) {
      return hasPath(host, hostBytes, <u32>(end - host), <u32>(pathEnd - host), upper)
    }
  }
  return !makeKey(host, hostBytes, end) || hasPath(made, hostBytes, madeBytes(), madeQuery(), upper)
}

/**
 * Whether an address or one of its folders may be in a list. `query`: its offset, 0 for none; `upper`: the upper word of
 * all prefixes of its host.
 */
function hasPath(key: usize, hostBytes: u32, length: u32, query: u32, upper: u32): bool {
  hashWords(key, length)
  if (!isEmpty(ADDRESSES)) {
    if (has(key, length, EXACT, ADDRESSES, upper)) return true
    if (query !== 0 && has(key, query, EXACT, ADDRESSES, upper)) return true
  }
  return !isEmpty(FOLDERS) && hasFolder(key, hostBytes, query === 0 ? length : query, upper)
}

/** Whether a list may have a folder of a key whose states were written. */
function hasFolder(key: usize, hostBytes: u32, pathEnd: u32, upper: u32): bool {
  let folders: u32 = 0
  for (let offset = hostBytes; offset < pathEnd && folders < MAX_FOLDERS; offset += 16) {
    let slashes = i8x16.bitmask(i8x16.eq(v128.load(key + offset), i8x16.splat(<i8>SLASH)))
    for (; slashes !== 0 && folders < MAX_FOLDERS; slashes &= slashes - 1) {
      const next = offset + ctz(slashes) + 1
      if (next > pathEnd) break
      folders++
      if (has(key, next, FOLDER, FOLDERS, upper)) return true
    }
  }
  return false
}

/** Writes the states of a key. */
function hashWords(key: usize, length: u32): void {
  let state = START
  const end = key + length
  let to = states
  for (let at = key; at + 8 <= end; at += 8, to += 8) {
    store<u64>(to, state)
    state = step(state, load<u64>(at))
  }
  store<u64>(to, state)
}

/** Whether a list may have a key that ends at an offset of the key whose states were written. */
// @ts-ignore: decorator
@inline
function has(key: usize, length: u32, kind: u64, type: u32, upper: u32): bool {
  const whole = length & ~7
  const lower = <u32>prefixOf(load<u64>(states + whole), tailOf(load<u64>(key + whole), length), length, kind)
  return mayHoldAddress(type, upper, (lower & 0x3fffffff) | ((type - ADDRESSES) << 30))
}

/** The bytes of a word that a length leaves behind its last eight. */
// @ts-ignore: decorator
@inline
function tailOf(word: u64, length: u32): u64 {
  return word & ((<u64>1 << ((length & 7) << 3)) - 1)
}

// @ts-ignore: decorator
@inline
function mayHoldHost(prefix: u64): bool {
  return mayHoldAddress(HOSTS, <u32>(prefix >>> 32), (<u32>prefix & 0x3fffffff) | (2 << 30))
}

/** Whether a list may have a host above the one that was measured last: each of two labels or more. */
// @ts-ignore: decorator
@inline
function hasHostAbove(host: usize, hostBytes: u32): bool {
  const dots = hostDots()
  return (dots & (dots - 1)) !== 0 && !isEmpty(HOSTS) && hasParent(host, hostBytes)
}

function hasParent(host: usize, hostBytes: u32): bool {
  let dots = hostDots()
  let parts = <u32>popcnt(dots) + 1
  while (parts > 2) {
    parts--
    const from = <u32>ctz(dots) + 1
    dots &= dots - 1
    if (parts <= MAX_HOST_PARTS && mayHoldHost(wholePrefix(host + from, hostBytes - from))) return true
  }
  return false
}

/** Prefix of a host. */
// @ts-ignore: decorator
@inline
function wholePrefix(key: usize, length: u32): u64 {
  let state = START
  let offset: u32 = 0
  for (; offset + 8 <= length; offset += 8) state = step(state, load<u64>(key + offset))
  return prefixOf(state, tailOf(load<u64>(key + offset), length), length, HOST)
}
