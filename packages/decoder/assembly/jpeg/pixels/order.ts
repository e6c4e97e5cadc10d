/** The order of a block's coefficients in a file: along diagonals, up and down in turn (ITU-T T.81, figure 5). */
import { ORDER } from "../memory"

let isMade: bool = false

/** Writes the order, once. */
export function makeOrder(): void {
  if (isMade) return
  isMade = true
  let place: usize = 0
  for (let diagonal: i32 = 0; diagonal < 15; diagonal++) {
    const first = max(0, diagonal - 7)
    const last = min(7, diagonal)
    for (let step = first; step <= last; step++) {
      const row = (diagonal & 1) === 0 ? diagonal - step : step
      store<u8>(ORDER + place, <u8>(2 * (8 * row + diagonal - row)))
      place++
    }
  }
}

/** Offset in a block, in bytes, of the coefficient at a place of the file's order, 0 to 63. */
// @ts-ignore: decorator
@inline
export function offsetAt(place: u32): usize {
  return <usize>load<u8>(ORDER + <usize>place)
}
