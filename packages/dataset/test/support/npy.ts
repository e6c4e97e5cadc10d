import { readFileSync } from "node:fs"

/** The uids of a subset file, in its order; reads the header that `numpy.save` writes, and nothing else. */
export function uidsIn(path: string): readonly string[] {
  const file = readFileSync(path)
  const body = file.subarray(10 + file.readUInt16LE(8))
  return Array.from({ length: body.length / 16 }, (_, index) => uidAt(body, index * 16))
}

function uidAt(body: Buffer, at: number): string {
  const half = (offset: number) => body.readBigUInt64LE(offset).toString(16).padStart(16, "0")
  return half(at) + half(at + 8)
}

/** A subset file of uids, in their order. */
export function subsetOf(uids: readonly string[], descr = "[('f0', '<u8'), ('f1', '<u8')]"): Buffer {
  const body = Buffer.alloc(uids.length * 16)
  for (const [index, uid] of uids.entries()) {
    body.writeBigUInt64LE(BigInt(`0x${uid.slice(0, 16)}`), index * 16)
    body.writeBigUInt64LE(BigInt(`0x${uid.slice(16)}`), index * 16 + 8)
  }
  return Buffer.concat([headerOf(`{'descr': ${descr}, 'fortran_order': False, 'shape': (${uids.length},), }`), body])
}

/** The head of a NumPy file with any header. */
export function headerOf(dictionary: string): Buffer {
  const prefix = Buffer.from("\x93NUMPY\x01\0\0\0", "latin1")
  const text = Buffer.from(`${dictionary.padEnd(117)}\n`, "latin1")
  prefix.writeUInt16LE(text.length, 8)
  return Buffer.concat([prefix, text])
}
