/**
 * Sets of the first 64 bits of digests, one for each type. A prefix's upper word chooses eight bytes, its
 * lower word four bits of them, so that a look-up reads memory once. Before a set's large table stands a small one, which
 * stays in the processor's cache and answers most look-ups.
 */

/** Types of digests, as numbers; those of addresses, folders and hosts are sets of their own. */
export const MD5: u32 = 0
export const SHA1: u32 = 1
export const SHA256: u32 = 2
export const ADDRESSES: u32 = 3
export const FOLDERS: u32 = 4
export const HOSTS: u32 = 5
/** Hosts that a list has, or of which it has an address or a folder: the upper words of their prefixes. */
export const LISTED_HOSTS: u32 = 6

/** Prefixes for each eight bytes of a small table. */
const SMALL: u32 = 8

/** Of each type: addresses of the small and of the large table, and how often each has eight bytes. */
const sets = memory.data(7 * 16, 16)

/** Bytes that the tables of a set of prefixes take. */
export function filterBytes(count: u32): u32 {
  return (smallBlocks(count) + count) << 3
}

function smallBlocks(count: u32): u32 {
  return count / SMALL + 1
}

/** Names the tables of a type, all of whose bytes are 0; before, its set is empty. */
export function useFilter(type: u32, at: usize, count: u32): void {
  const set = sets + (type << 4)
  const small = smallBlocks(count)
  store<u32>(set, <u32>at)
  store<u32>(set, small, 4)
  store<u32>(set, <u32>at + (small << 3), 8)
  store<u32>(set, count, 12)
}

/**
 * Adds prefixes: `count` upper words and as many lower ones. Those of `ADDRESSES` go to the set that the two highest bits
 * of the lower word name, and their hosts to the set of listed hosts.
 */
export function addPrefixes(type: u32, upper: usize, lower: usize, count: u32): void {
  for (let row: u32 = 0; row < count; row++) {
    const one = load<u32>(upper + (row << 2))
    const two = load<u32>(lower + (row << 2))
    if (type !== ADDRESSES) {
      add(type, one, two)
      continue
    }
    const mixed = mix(one, two)
    add(ADDRESSES + kindOf(two), <u32>(mixed >>> 32), <u32>mixed)
    const host = spread(one)
    add(LISTED_HOSTS, <u32>(host >>> 32), <u32>host)
  }
}

function add(type: u32, upper: u32, lower: u32): void {
  const set = sets + (type << 4)
  const bits = bitsOf(lower)
  const small = blockAt(set, upper)
  store<u64>(small, load<u64>(small) | bits)
  const large = blockAt(set + 8, upper)
  store<u64>(large, load<u64>(large) | bits)
}

/** A prefix whose upper word many others have, spread over its set. */
// @ts-ignore: decorator
@inline
function mix(upper: u32, lower: u32): u64 {
  const product = ((<u64>upper << 32) | <u64>lower) * 0x9e3779b97f4a7c15
  return product ^ (product >>> 29)
}

/** The same for the upper word alone. */
// @ts-ignore: decorator
@inline
function spread(upper: u32): u64 {
  const product = <u64>upper * 0x9e3779b97f4a7c15
  return product ^ (product >>> 32)
}

/** Eight bytes of a table. */
// @ts-ignore: decorator
@inline
function blockAt(table: usize, upper: u32): usize {
  return load<u32>(table) + ((<usize>((<u64>upper * <u64>load<u32>(table, 4)) >>> 32)) << 3)
}

// @ts-ignore: decorator
@inline
function bitsOf(lower: u32): u64 {
  const bits = <u64>lower
  return (
    (<u64>1 << (bits & 63)) |
    (<u64>1 << ((bits >>> 6) & 63)) |
    (<u64>1 << ((bits >>> 12) & 63)) |
    (<u64>1 << ((bits >>> 18) & 63))
  )
}

/** What an address's prefix is of: 0 an address, 1 a folder, 2 a host; no other is in a list. */
// @ts-ignore: decorator
@inline
function kindOf(lower: u32): u32 {
  return min<u32>(lower >>> 30, 2)
}

/** Whether the set of a type holds nothing. */
// @ts-ignore: decorator
@inline
export function isEmpty(type: u32): bool {
  return load<u32>(sets + (type << 4)) === 0
}

/** Whether a set that is not empty may hold a prefix; never false for one that it holds. */
// @ts-ignore: decorator
@inline
export function mayHold(type: u32, upper: u32, lower: u32): bool {
  const set = sets + (type << 4)
  const bits = bitsOf(lower)
  return (~load<u64>(blockAt(set, upper)) & bits) === 0 && (~load<u64>(blockAt(set + 8, upper)) & bits) === 0
}

/** Whether a set of addresses, folders or hosts may hold a prefix; never false for one that it holds. */
// @ts-ignore: decorator
@inline
export function mayHoldAddress(type: u32, upper: u32, lower: u32): bool {
  const mixed = mix(upper, lower)
  return mayHold(type, <u32>(mixed >>> 32), <u32>mixed)
}

/** Whether a list may have something of a host whose prefix has this upper word; never false where one has. */
// @ts-ignore: decorator
@inline
export function mayHaveHost(upper: u32): bool {
  const host = spread(upper)
  return mayHold(LISTED_HOSTS, <u32>(host >>> 32), <u32>host)
}
