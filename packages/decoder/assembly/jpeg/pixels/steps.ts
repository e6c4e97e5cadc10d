/** All steps of the quantisation tables (ITU-T T.81, B.2.4.1), as the transform needs them. */
import { HAS_STEPS, ROWS_OF_STEPS } from "../memory"
import { offsetAt } from "./order"

/** Forgets all tables. */
export function forgetSteps(): void {
  memory.fill(HAS_STEPS, 0, 16)
}

/** Keeps a table of 64 steps of eight bits, in the file's order. */
export function keepSteps(id: u32, from: usize): void {
  for (let place: u32 = 0; place < 64; place++) {
    store<u16>(stepsAt(id) + offsetAt(place), load<u8>(from + <usize>place))
  }
  store<u32>(HAS_STEPS + (<usize>id << 2), 1)
}

/** Forgets a table, because its steps have sixteen bits. */
export function dropSteps(id: u32): void {
  store<u32>(HAS_STEPS + (<usize>id << 2), 0)
}

/** Whether a table of eight bits is kept. */
export function hasSteps(id: u32): bool {
  return load<u32>(HAS_STEPS + (<usize>id << 2)) !== 0
}

/** Address of a table: 64 of 16 bits, row after row. */
// @ts-ignore: decorator
@inline
export function stepsAt(id: u32): usize {
  return ROWS_OF_STEPS + (<usize>id << 7)
}
