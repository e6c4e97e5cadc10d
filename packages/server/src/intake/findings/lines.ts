/**
 * Lines of a stream, in bounded memory.
 * @module
 */

/** One line, without its end. */
export interface Line {
  /** From 1. */
  readonly number: number
  /** Absent if the line was longer than allowed and was skipped. */
  readonly bytes?: Buffer
}

const NEWLINE = 0x0a

/**
 * Splits a stream into lines.
 *
 * @param maxBytes - A longer line is skipped, and returned without its bytes.
 */
export async function* readLines(
  chunks: AsyncIterable<Uint8Array>,
  maxBytes: number,
): AsyncGenerator<Line, void, void> {
  let number = 0
  let parts: Uint8Array[] = []
  let heldBytes = 0
  let isTooLong = false

  const add = (part: Uint8Array): void => {
    heldBytes += part.length
    isTooLong ||= heldBytes > maxBytes
    if (isTooLong) parts = []
    else parts.push(part)
  }
  const end = (): Line => {
    number++
    const line = isTooLong ? { number } : { number, bytes: Buffer.concat(parts) }
    parts = []
    heldBytes = 0
    isTooLong = false
    return line
  }

  for await (const chunk of chunks) {
    let start = 0
    for (let newline = chunk.indexOf(NEWLINE); newline !== -1; newline = chunk.indexOf(NEWLINE, start)) {
      add(chunk.subarray(start, newline))
      start = newline + 1
      yield end()
    }
    if (start < chunk.length) add(chunk.subarray(start))
  }
  if (heldBytes > 0) yield end()
}
