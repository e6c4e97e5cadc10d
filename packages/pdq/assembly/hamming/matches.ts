/** The output of one thread: 8 bytes per match, `id << 32 | query << 9 | distance`, so that sorting sorts by id. */
import { OUT_CAPACITY, out } from "./layout"

export let outCount: u32 = 0

export function setOutCount(count: u32): void {
  outCount = count
}

/** Adds a match. Returns false, and adds nothing, when the output is full. */
// @ts-ignore: decorator
@inline
export function emit(query: u32, id: u32, distance: u32): bool {
  if (outCount >= OUT_CAPACITY) return false
  store<u64>(out + (outCount << 3), ((<u64>id) << 32) | (query << 9) | distance)
  outCount++
  return true
}

/** Sorts the matches from `from` on, all of one query, by id. */
export function sortOutput(from: u32): void {
  const count = outCount - from
  const base = out + (from << 3)
  if (count < 2) return
  if (count <= 24) {
    for (let i: u32 = 1; i < count; i++) {
      const value = load<u64>(base + (i << 3))
      let at: u32 = i
      while (at > 0 && load<u64>(base + ((at - 1) << 3)) > value) {
        store<u64>(base + (at << 3), load<u64>(base + ((at - 1) << 3)))
        at--
      }
      store<u64>(base + (at << 3), value)
    }
    return
  }
  // Heap sort: no recursion and no worst case.
  for (let i: u32 = count >> 1; i > 0; i--) siftDown(base, i - 1, count)
  for (let end: u32 = count - 1; end > 0; end--) {
    const last = load<u64>(base + (end << 3))
    store<u64>(base + (end << 3), load<u64>(base))
    store<u64>(base, last)
    siftDown(base, 0, end)
  }
}

function siftDown(base: usize, from: u32, count: u32): void {
  const value = load<u64>(base + (from << 3))
  let at: u32 = from
  while (true) {
    let child: u32 = 2 * at + 1
    if (child >= count) break
    if (child + 1 < count && load<u64>(base + ((child + 1) << 3)) > load<u64>(base + (child << 3))) child++
    const larger = load<u64>(base + (child << 3))
    if (larger <= value) break
    store<u64>(base + (at << 3), larger)
    at = child
  }
  store<u64>(base + (at << 3), value)
}
