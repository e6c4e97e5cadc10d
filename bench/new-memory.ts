const SIZE_BYTES = 128 * 2 ** 20
const PAGE_BYTES = 4_096

/**
 * Measures what memory costs a process that uses it for the first time, in microseconds for a page of 4 kB. It is more on a
 * virtual machine that has to get the memory back from its host.
 */
export function newPageMicroseconds(): number {
  const memory = Buffer.allocUnsafeSlow(SIZE_BYTES)
  const start = performance.now()
  for (let offset = 0; offset < SIZE_BYTES; offset += PAGE_BYTES) memory[offset] = 1
  return ((performance.now() - start) * 1_000) / (SIZE_BYTES / PAGE_BYTES)
}
