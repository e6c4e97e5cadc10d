import type { ShardListing } from "../../readers/listing.ts"
import type { RandomSource } from "../../readers/source.ts"
import type { ShardInput } from "../container.ts"
import { type ParquetFooter, readFooter } from "./footer.ts"

/** Footers that were read to find out how a shard is read, until it is. */
const kept = new WeakMap<ShardListing, ParquetFooter>()

/** Keeps a shard's footer for the next {@link footerOf}. */
export function keepFooter(listing: ShardListing, footer: ParquetFooter): void {
  kept.set(listing, footer)
}

/**
 * The footer of a shard: the one that was kept, once, or it is read.
 *
 * @throws {ShardError} as {@link readFooter}.
 */
export async function footerOf({ listing, limits }: ShardInput, source: RandomSource): Promise<ParquetFooter> {
  const footer = kept.get(listing)
  kept.delete(listing)
  return footer ?? (await readFooter(source, limits))
}
