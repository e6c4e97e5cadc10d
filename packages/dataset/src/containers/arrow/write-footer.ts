import { isDeepStrictEqual } from "node:util"
import { unsafe } from "./errors.ts"
import type { ArrowFile } from "./file.ts"
import { type Footer, parseFooter } from "./footer.ts"
import { MESSAGE, type MessagePlace } from "./message.ts"
import { footerWithoutKeyValues } from "./withhold-metadata.ts"

/**
 * A footer that says where the messages of a copy are, all else as it was.
 *
 * @throws {ShardError} `shard_unsafe` where it has numbers that share their bytes.
 */
export function newFooter(
  file: ArrowFile,
  footer: Footer,
  { places, keepsKeyValues }: { readonly places: readonly MessagePlace[]; readonly keepsKeyValues: boolean },
): Uint8Array {
  const bytes = keepsKeyValues
    ? Buffer.from(footer.bytes)
    : Buffer.from(footerWithoutKeyValues(footer.bytes, file.budget.limits.sampleItems))
  const listed = places.filter(({ kind }) => kind !== MESSAGE.schema)
  const blocks = footer.blocks.map((block, index) => {
    const message = listed[index]
    if (message === undefined) throw changed()
    const { start, prefixBytes, metadataBytes, bodyBytes } = message
    bytes.writeBigInt64LE(BigInt(start), block.place)
    bytes.writeInt32LE(prefixBytes + metadataBytes, block.place + 8)
    bytes.writeBigInt64LE(BigInt(bodyBytes), block.place + 16)
    return { ...block, start, metadataBytes: prefixBytes + metadataBytes, bodyBytes }
  })
  const written = parseFooter(bytes, footer.start)
  const expected = keepsKeyValues ? footer.keyValues : []
  if (!isDeepStrictEqual(written.blocks, blocks) || !isDeepStrictEqual(written.keyValues, expected)) throw changed()
  return bytes
}

const changed = () => unsafe("has a footer that cannot be written again")
