import type { ShardReceipt } from "@nightlight/contract"
import { compact } from "@nightlight/core"
import type { ListInfo } from "@nightlight/screening"

/** The lists something was screened against, for a receipt. */
export function listCoverage(lists: readonly ListInfo[]): ShardReceipt["lists"] {
  return lists.map(({ name, trust, snapshot, radiusBits, asOf, counts }) =>
    compact({
      name,
      trust,
      snapshot,
      radiusBits,
      asOf,
      entries: counts.md5 + counts.sha1 + counts.sha256 + counts.pdq + counts.url,
    }),
  )
}
