/**
 * Writes plain USTAR shards with fixed times: for generated datasets, whose bytes are the same in every run.
 * @module
 */

const BLOCK = 512

/** A member to write. */
export interface TarMember {
  /** At most 100 ASCII characters. */
  readonly name: string
  readonly bytes: Uint8Array
}

/** Writes members as one tar file's bytes. */
export function writeTar(members: readonly TarMember[]): Uint8Array {
  const parts: Uint8Array[] = []
  for (const { name, bytes } of members) {
    parts.push(header(name, bytes.length), bytes, new Uint8Array((BLOCK - (bytes.length % BLOCK)) % BLOCK))
  }
  parts.push(new Uint8Array(2 * BLOCK))
  return Buffer.concat(parts)
}

function header(name: string, sizeBytes: number): Uint8Array {
  const block = Buffer.alloc(BLOCK)
  const octal = (value: number, digits: number) => `${value.toString(8).padStart(digits, "0")}\0`
  block.write(name, 0, 100, "latin1")
  block.write(octal(0o444, 7), 100, "latin1")
  block.write(octal(0, 7), 108, "latin1")
  block.write(octal(0, 7), 116, "latin1")
  block.write(octal(sizeBytes, 11), 124, "latin1")
  block.write(octal(0, 11), 136, "latin1")
  block.write("        ", 148, "latin1")
  block.write("0", 156, "latin1")
  block.write("ustar\u000000", 257, "latin1")
  const checksum = block.reduce((sum, byte) => sum + byte, 0)
  block.write(`${checksum.toString(8).padStart(6, "0")}\0 `, 148, "latin1")
  return block
}
