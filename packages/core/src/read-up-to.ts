/** Reads all bytes of a stream into memory; `undefined`, and no more is read, where they are more than `mostBytes`. */
export async function readUpTo(
  chunks: AsyncIterable<Uint8Array>,
  mostBytes: number,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const parts: Uint8Array[] = []
  let sizeBytes = 0
  for await (const part of chunks) {
    sizeBytes += part.length
    if (sizeBytes > mostBytes) return undefined
    parts.push(part)
  }
  const whole = new Uint8Array(sizeBytes)
  let offset = 0
  for (const part of parts) {
    whole.set(part, offset)
    offset += part.length
  }
  return whole
}
