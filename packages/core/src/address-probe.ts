/**
 * Looks addresses up by the prefixes of their keys, from their bytes: what `urlLookupKeys` gives, without a string for
 * most of them.
 * @module
 */
import { addressPrefix, KEY_START, prefixLower, prefixUpper, stepOne, stepTwo } from "./address-hash.ts"
import { MAX_FOLDERS, MAX_HOST_PARTS, urlLookupKeys } from "./url-keys.ts"

/** Whether anything may have a prefix: two words of 32 bits, unsigned. */
export type HasPrefix = (upper: number, lower: number) => boolean

const [EXACT, FOLDER, HOST] = [0x3d, 0x2f, 0x2e] as const
const [SLASH, DOT, DASH, PERCENT, QUESTION, HASH] = [0x2f, 0x2e, 0x2d, 0x25, 0x3f, 0x23] as const

/** A longer address is looked up by its text. */
const MAX_BYTES = 2_048
const MAX_HOST_BYTES = 250

/** Letters of a host that stay as they are. */
const IN_HOST = 1
/** Characters of a path, and of a query, that stay as they are. */
const IN_PATH = 2
const IN_QUERY = 4
const UNRESERVED = 8
const CLASSES = new Uint8Array(256)
mark("abcdefghijklmnopqrstuvwxyz0123456789", IN_HOST | IN_PATH | IN_QUERY | UNRESERVED)
mark("ABCDEFGHIJKLMNOPQRSTUVWXYZ", IN_PATH | IN_QUERY | UNRESERVED)
mark("-.", IN_HOST | IN_PATH | IN_QUERY | UNRESERVED)
mark("_~", IN_PATH | IN_QUERY | UNRESERVED)
mark("!$&()*+,/:;=@", IN_PATH | IN_QUERY)
mark("?", IN_QUERY)

function mark(characters: string, as: number): void {
  for (const character of characters) CLASSES[character.charCodeAt(0)] = as
}

/** Value of a hexadecimal digit; 16 for another character. */
const DIGITS = new Uint8Array(256).fill(16)
for (const [value, digit] of Array.from("0123456789abcdef").entries()) DIGITS[digit.charCodeAt(0)] = value
for (const [value, digit] of Array.from("ABCDEF").entries()) DIGITS[digit.charCodeAt(0)] = value + 10
const UPPER_DIGITS = Array.from("0123456789ABCDEF").map((digit) => digit.charCodeAt(0))

/** Hosts that were looked up lately, with what came of it. */
const SLOTS = 4_096
const SLOT_BYTES = 64

/** Looks addresses up in one set of prefixes. */
export class AddressProbe {
  readonly #has: HasPrefix
  readonly #hosts = new Uint8Array(SLOTS * SLOT_BYTES)
  /** Length of a slot's host; 0 for none. Only hosts that are not found are kept. */
  readonly #hostLengths = new Uint8Array(SLOTS)

  constructor(has: HasPrefix) {
    this.#has = has
  }

  /** Whether a key of the address at these bytes of UTF-8 may be in the set; never false where one is. */
  find(bytes: Uint8Array, start: number, end: number): boolean {
    return this.findPlain(bytes, start, end) ?? this.#findText(bytes, start, end)
  }

  #findText(bytes: Uint8Array, start: number, end: number): boolean {
    const text = new TextDecoder().decode(bytes.subarray(start, end))
    return urlLookupKeys(text).some((key) => this.#has(...addressPrefix(key)))
  }

  /** The same for an address that is already written as its keys are; undefined for another. */
  findPlain(bytes: Uint8Array, start: number, end: number): boolean | undefined {
    if (end - start > MAX_BYTES) return undefined
    const hostStart = schemeEnd(bytes, start, end)
    if (hostStart === 0) return undefined
    const hostEnd = plainHostEnd(bytes, hostStart, end)
    if (hostEnd === 0) return undefined
    let { one, two } = KEY_START
    for (let at = hostStart; at < hostEnd; at++) {
      const byte = bytes[at] as number
      one = stepOne(one, byte)
      two = stepTwo(two, byte)
    }
    const host = one
    const has = this.#has
    let isFound = false
    let folders = 0
    let at = hostEnd
    if (at === end || bytes[at] !== SLASH) {
      one = stepOne(one, SLASH)
      two = stepTwo(two, SLASH)
      isFound = has(prefixUpper(one, two, FOLDER), prefixLower(one, two, FOLDER))
    }
    let allowed = IN_PATH
    for (; at < end; at++) {
      let byte = bytes[at] as number
      if ((CLASSES[byte] as number) & allowed) {
        one = stepOne(one, byte)
        two = stepTwo(two, byte)
        if (byte !== SLASH || allowed !== IN_PATH) continue
        if (bytes[at + 1] === DOT) return undefined
        if (folders++ < MAX_FOLDERS && has(prefixUpper(one, two, FOLDER), prefixLower(one, two, FOLDER))) isFound = true
        continue
      }
      if (byte === PERCENT && at + 2 < end) {
        const high = DIGITS[bytes[at + 1] as number] as number
        const low = DIGITS[bytes[at + 2] as number] as number
        if (high > 15 || low > 15) return undefined
        at += 2
        byte = high * 16 + low
        if (byte === DOT) return undefined
        if ((CLASSES[byte] as number) & UNRESERVED) {
          one = stepOne(one, byte)
          two = stepTwo(two, byte)
          continue
        }
        const [first, second] = [UPPER_DIGITS[high] as number, UPPER_DIGITS[low] as number]
        one = stepOne(stepOne(stepOne(one, PERCENT), first), second)
        two = stepTwo(stepTwo(stepTwo(two, PERCENT), first), second)
        continue
      }
      if (byte === HASH) break
      if (byte !== QUESTION) return undefined
      // A mark without a query is none.
      if (at + 1 === end || bytes[at + 1] === HASH) return undefined
      if (has(prefixUpper(one, two, EXACT), prefixLower(one, two, EXACT))) isFound = true
      one = stepOne(one, QUESTION)
      two = stepTwo(two, QUESTION)
      allowed = IN_QUERY
    }
    if (has(prefixUpper(one, two, EXACT), prefixLower(one, two, EXACT))) isFound = true
    return this.#findHost(bytes, hostStart, hostEnd, host) || isFound
  }

  #findHost(bytes: Uint8Array, start: number, end: number, state: number): boolean {
    const length = end - start
    const slot = (state ^ (state >>> 15)) & (SLOTS - 1)
    if (this.#hostLengths[slot] === length && isEqual(this.#hosts, slot * SLOT_BYTES, bytes, start, length))
      return false
    let parts = 1
    for (let at = start; at < end; at++) if (bytes[at] === DOT) parts++
    let left = parts
    let isFound = false
    for (let from = start; ; from++) {
      if (from > start && bytes[from - 1] !== DOT) continue
      if (from > start) left--
      if (from > start && left < 2) break
      if (left <= MAX_HOST_PARTS && this.#hasHost(bytes, from, end)) isFound = true
      if (left <= 2) break
    }
    if (!isFound && length <= SLOT_BYTES) {
      this.#hostLengths[slot] = length
      this.#hosts.set(bytes.subarray(start, end), slot * SLOT_BYTES)
    }
    return isFound
  }

  #hasHost(bytes: Uint8Array, start: number, end: number): boolean {
    let { one, two } = KEY_START
    for (let at = start; at < end; at++) {
      const byte = bytes[at] as number
      one = stepOne(one, byte)
      two = stepTwo(two, byte)
    }
    return this.#has(prefixUpper(one, two, HOST), prefixLower(one, two, HOST))
  }
}

/** Behind `http://` or `https://`; 0 where neither is there. */
function schemeEnd(bytes: Uint8Array, start: number, end: number): number {
  if (end - start < 8 || bytes[start] !== 0x68 || bytes[start + 1] !== 0x74) return 0
  if (bytes[start + 2] !== 0x74 || bytes[start + 3] !== 0x70) return 0
  const at = bytes[start + 4] === 0x73 ? start + 5 : start + 4
  return bytes[at] === 0x3a && bytes[at + 1] === SLASH && bytes[at + 2] === SLASH ? at + 3 : 0
}

/** End of a host of plain labels, the last of which begins with a letter; 0 for any other. */
function plainHostEnd(bytes: Uint8Array, start: number, end: number): number {
  let before: number = DOT
  let last = start
  let at = start
  for (; at < end; at++) {
    const byte = bytes[at] as number
    if (byte === SLASH || byte === QUESTION || byte === HASH) break
    if (((CLASSES[byte] as number) & IN_HOST) === 0) return 0
    // Empty labels, and what may be punycode.
    if (before === byte && (byte === DOT || byte === DASH)) return 0
    if (byte === DOT) last = at + 1
    before = byte
  }
  if (at === start || before === DOT || bytes[start] === DOT || at - start > MAX_HOST_BYTES) return 0
  const first = bytes[last] as number
  return first >= 0x61 && first <= 0x7a ? at : 0
}

function isEqual(one: Uint8Array, oneAt: number, other: Uint8Array, otherAt: number, length: number): boolean {
  for (let index = 0; index < length; index++) if (one[oneAt + index] !== other[otherAt + index]) return false
  return true
}
