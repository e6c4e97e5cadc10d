/**
 * Writes plain USTAR shards with fixed times: for generated datasets, whose bytes are the same in every run.
 * @module
 */

const BLOCK = 512

/** A member to write. Its name has at most 100 ASCII characters. */
export interface TarMember {
  readonly name: string
  readonly bytes: Uint8Array
}

/** Writes members as one tar file's bytes. */
export function writeTar(members: readonly TarMember[]): Uint8Array {
  const parts = members.flatMap(({ name, bytes }) => {
    const padding = new Uint8Array((BLOCK - (bytes.length % BLOCK)) % BLOCK)
    return [header(name, bytes.length), bytes, padding]
  })
  return Buffer.concat([...parts, new Uint8Array(2 * BLOCK)])
}

function header(name: string, sizeBytes: number): Uint8Array {
  const block = Buffer.alloc(BLOCK)
  const octal = (value: number, digits: number) => `${value.toString(8).padStart(digits, "0")}\0`
  block.write(name, 0, 100, "latin1")
  // Mode, owner, group, size, time, blanks for the checksum, type.
  const fields = [octal(0o444, 7), octal(0, 7), octal(0, 7), octal(sizeBytes, 11), octal(0, 11), "        ", "0"]
  block.write(fields.join(""), 100, "latin1")
  block.write("ustar\u000000", 257, "latin1")
  const checksum = block.reduce((sum, byte) => sum + byte, 0)
  block.write(`${octal(checksum, 6)} `, 148, "latin1")
  return block
}
