/** Shape of the picture being hashed, and the filter windows that follow from it. */

export let columns: i32 = 0
export let rows: i32 = 0
export let channels: i32 = 0
/** Bytes from one row of the input strip to the next. */
export let strideBytes: usize = 0

export function setShape(newColumns: i32, newRows: i32, newChannels: i32, newStrideBytes: usize): void {
  columns = newColumns
  rows = newRows
  channels = newChannels
  strideBytes = newStrideBytes
}

/** Width of the box filter over n samples. */
@inline
export function windowOf(n: i32): i32 {
  return <i32>(((<u32>n) + 127) / 128)
}

/** Samples of the box up to and including its centre. */
@inline
export function halfOf(window: i32): i32 {
  return (window + 2) / 2
}

/** Sample in the middle of the given one of 64 equal parts of n samples. */
@inline
export function centreOf(part: i32, n: i32): i32 {
  return <i32>(((<u64>(2 * part + 1)) * (<u64>n)) / 128)
}

/** Samples in the box whose newest sample is `step`; samples outside [0, n) do not count. */
@inline
export function countAt(step: i32, n: i32, window: i32): i32 {
  return min(n - 1, step) - max(0, step - window + 1) + 1
}

/** Whether dividing by the value is exactly a multiplication. */
@inline
export function isPowerOfTwo(value: i32): bool {
  return (value & (value - 1)) == 0
}
