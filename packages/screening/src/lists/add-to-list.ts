/**
 * Adds entries to a list without writing or indexing the rest of it again.
 * @module
 */
import { rmSync } from "node:fs"
import { compact, type ListItem, type ListSource } from "@nightlight/core"
import {
  Import,
  type ImportListOptions,
  type ImportListRequest,
  type ImportSummary,
  type KeptSegment,
  type ListKeeper,
} from "./import-list.ts"
import { assertListName } from "./list-name.ts"
import { type OpenSnapshot, openSnapshot } from "./open-snapshot.ts"
import type { SegmentEntries } from "./segment-entries.ts"
import { listFolder } from "./snapshot.ts"
import { beginVersion, changeAlone } from "./versions.ts"

/** Entries to add. The list keeps its trust, radius and terms. */
export type AddToListRequest = Pick<
  ImportListRequest,
  "listsDir" | "name" | "items" | "asOf" | "acceptUnread" | "keepVersions"
>

/** With this many segments a list's additions are joined into one. */
export const MAX_SEGMENTS = 16

/**
 * Adds entries to an existing list as its next version. Entries that it has already, by hash and category, are counted
 * as duplicates. Reads the list once to check it, and writes only what is new; an index over the list then takes the new
 * entries as a delta.
 *
 * @throws {RequestError} `list_unknown`; `list_malformed` as `importList`.
 * @throws {DependencyError} `locked` while the same list is being changed; `disk_full`, `write_failed`.
 * @throws {IntegrityError} `snapshot_untrusted` when the list is not authentic.
 */
export async function addToList(
  request: AddToListRequest,
  keeper: ListKeeper,
  options: ImportListOptions = {},
): Promise<ImportSummary> {
  const { listsDir, name } = request
  assertListName(name)
  return changeAlone(listsDir, name, `list ${name}`, async () => {
    await using open = await openSnapshot({ listsDir, name }, keeper.verifier)
    const { snapshot } = open
    const { kept, joined } = divide(open)
    const { trust, radiusBits, terms } = snapshot
    const whole: ImportListRequest = compact({
      ...request,
      trust,
      radiusBits,
      terms,
      asOf: request.asOf ?? snapshot.asOf,
      items: withEntries(joined, request.items),
    })
    const unfinished = beginVersion(listFolder(listsDir, name))
    try {
      return await new Import(whole, keeper, options, kept).run(unfinished, { version: snapshot.version, snapshot })
    } finally {
      // After the commit the temporary folder is gone.
      rmSync(unfinished, { recursive: true, force: true })
    }
  })
}

/** The segments of a list, each with its entries. */
export function segmentsOf({ snapshot, entries }: OpenSnapshot): readonly KeptSegment[] {
  return entries.segments.flatMap(({ entries: own }, position) => {
    const segment = snapshot.segments[position]
    return segment === undefined ? [] : [{ segment, entries: own }]
  })
}

/** Which segments stay, and which are written again with the new entries. */
function divide(open: OpenSnapshot): {
  readonly kept: readonly KeptSegment[]
  readonly joined: readonly SegmentEntries[]
} {
  const all = segmentsOf(open)
  const staying = all.length < MAX_SEGMENTS ? all.length : 1
  return { kept: all.slice(0, staying), joined: all.slice(staying).map((segment) => segment.entries) }
}

/** The entries of segments, then the items; the digest of the items' source is passed on. */
function withEntries(
  segments: readonly SegmentEntries[],
  items: AsyncIterable<ListItem> | ListSource,
): AsyncIterable<ListItem> | ListSource {
  if (segments.length === 0) return items
  return {
    get sourceSha256() {
      return "sourceSha256" in items ? items.sourceSha256 : undefined
    },
    async *[Symbol.asyncIterator](): AsyncGenerator<ListItem, void> {
      for (const entries of segments) {
        for (let ordinal = 0; ordinal < entries.total; ordinal++) {
          yield { ok: true, line: ordinal + 1, record: entries.entryAt(ordinal) }
        }
      }
      yield* items
    },
  }
}
