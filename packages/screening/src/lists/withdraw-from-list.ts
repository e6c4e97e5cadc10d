/**
 * Withdraws entries from a list; only the segments that hold one are written again.
 * @module
 */
import { rmSync } from "node:fs"
import { compact, type ListItem, type ListSource, RequestError } from "@nightlight/core"
import { segmentsOf } from "./add-to-list.ts"
import { BadRecords } from "./bad-records.ts"
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
import { listFolder } from "./snapshot.ts"
import { TEST_CARD_LIST } from "./test-card-records.ts"
import { beginVersion, changeAlone } from "./versions.ts"

/** Entries to withdraw, by hash, under every category. The list keeps its trust, radius and terms. */
export interface WithdrawFromListRequest
  extends Pick<
    ImportListRequest,
    "listsDir" | "name" | "items" | "asOf" | "acceptShrink" | "acceptUnread" | "keepVersions"
  > {
  /** Counts what would be withdrawn, and changes nothing. */
  readonly dryRun?: boolean
}

/** Result of a withdrawal. */
export interface WithdrawSummary extends Pick<ImportSummary, "name" | "version" | "changed" | "counts" | "bad"> {
  /** Entries that were withdrawn, or would be. One hash is several entries where it is listed in several categories. */
  readonly withdrawn: number
  /** Hashes of the file that the list does not have. */
  readonly absent: number
}

/**
 * Withdraws entries from an existing list as its next version. What the file says of an entry beyond its hash does not
 * matter. Segments that lose nothing stay as they are; the others are written again, together with all of them where the
 * first one, the list as it was imported, is among them.
 *
 * @throws {RequestError} `list_unknown`; `list_malformed` when no entry, or no hash of one type, can be read, or as the
 * file's reader throws it; `state_conflict` when nothing or less than half of the list would be left and that was not
 * accepted; `input_invalid` for an invalid name or for the test cards.
 * @throws {DependencyError} `locked` while the same list is being changed; `disk_full`, `write_failed`.
 * @throws {IntegrityError} `snapshot_untrusted` when the list is not authentic.
 */
export async function withdrawFromList(
  request: WithdrawFromListRequest,
  keeper: ListKeeper,
  options: ImportListOptions = {},
): Promise<WithdrawSummary> {
  const { listsDir, name } = request
  assertListName(name)
  if (name === TEST_CARD_LIST) throw new RequestError("input_invalid", "the test cards cannot be withdrawn")
  return changeAlone(listsDir, name, `list ${name}`, async () => {
    await using open = await openSnapshot({ listsDir, name }, keeper.verifier)
    const marked = await markEntries(open, request, options)
    const { withdrawn, absent, bad } = marked
    const report = { withdrawn, absent, bad: { count: bad.count, first: bad.first, byReason: bad.byReason } }
    if (request.dryRun === true) {
      const { version, counts } = open.snapshot
      return { name, version, changed: false, counts, ...report }
    }
    const { version, changed, counts } = await writeRest(open, marked, request, keeper, options)
    return { name, version, changed, counts, ...report }
  })
}

/** A segment of a list, with a mark for each of its entries that is to go. */
interface MarkedSegment {
  readonly kept: KeptSegment
  /** One byte an entry, by ordinal: 1 where it is withdrawn. */
  readonly marks: Uint8Array
  count: number
}

/** What a file withdraws from a list. */
interface Marked {
  readonly segments: readonly MarkedSegment[]
  readonly withdrawn: number
  readonly absent: number
  readonly bad: BadRecords
}

const STEP_ITEMS = 16_384

async function markEntries(
  open: OpenSnapshot,
  { items, acceptUnread }: WithdrawFromListRequest,
  options: ImportListOptions,
): Promise<Marked> {
  const segments = segmentsOf(open).map(
    (kept): MarkedSegment => ({ kept, marks: new Uint8Array(kept.entries.total), count: 0 }),
  )
  const bad = new BadRecords()
  let absent = 0
  let count = 0
  const pause = async () => {
    options.onProgress?.({ phase: "reading", items: count })
    await new Promise<void>((resolve) => setImmediate(resolve))
    options.signal?.throwIfAborted()
  }
  for await (const item of items) {
    if (item.ok) {
      bad.imported[item.record.hashType]++
      if (!mark(segments, item.record)) absent++
    } else bad.add(item.bad)
    if (++count % STEP_ITEMS === 0) await pause()
  }
  await pause()
  const readable = count - bad.count
  if (readable === 0) {
    throw new RequestError("list_malformed", `the file has no entry to withdraw${bad.clause()}`, {
      details: { badCount: bad.count },
    })
  }
  if (acceptUnread !== true) bad.assertKindsRead()
  return { segments, withdrawn: segments.reduce((sum, segment) => sum + segment.count, 0), absent, bad }
}

/** Marks every entry with this hash. Returns whether there is one. */
function mark(
  segments: readonly MarkedSegment[],
  { hashType, hash }: Extract<ListItem, { ok: true }>["record"],
): boolean {
  const bytes = Buffer.from(hash, "hex")
  let isListed = false
  for (const segment of segments) {
    for (const ordinal of segment.kept.entries.find(hashType, bytes)) {
      isListed = true
      if (segment.marks[ordinal] === 1) continue
      segment.marks[ordinal] = 1
      segment.count++
    }
  }
  return isListed
}

/** Writes the list without the marked entries. */
async function writeRest(
  { snapshot }: OpenSnapshot,
  { segments }: Marked,
  request: WithdrawFromListRequest,
  keeper: ListKeeper,
  options: ImportListOptions,
): Promise<ImportSummary> {
  const isFirstTouched = (segments[0]?.count ?? 0) > 0
  const stay = isFirstTouched ? [] : segments.filter(({ count }) => count === 0)
  const rewritten = segments.filter((segment) => !stay.includes(segment))
  const { trust, radiusBits, terms } = snapshot
  const whole: ImportListRequest = compact({
    ...request,
    trust,
    radiusBits,
    terms,
    asOf: request.asOf ?? snapshot.asOf,
    items: restOf(rewritten, request.items),
  })
  const unfinished = beginVersion(listFolder(request.listsDir, request.name))
  try {
    const kept = stay.map((segment) => segment.kept)
    return await new Import(whole, keeper, options, kept).run(unfinished, { version: snapshot.version, snapshot })
  } finally {
    // After the commit the temporary folder is gone.
    rmSync(unfinished, { recursive: true, force: true })
  }
}

/** The entries of segments that are not marked; the digest of the withdrawal's source is passed on. */
function restOf(segments: readonly MarkedSegment[], source: WithdrawFromListRequest["items"]): ListSource {
  return {
    get sourceSha256() {
      return "sourceSha256" in source ? source.sourceSha256 : undefined
    },
    async *[Symbol.asyncIterator](): AsyncGenerator<ListItem, void> {
      for (const { kept, marks } of segments) {
        for (let ordinal = 0; ordinal < kept.entries.total; ordinal++) {
          if (marks[ordinal] === 1) continue
          yield { ok: true, line: ordinal + 1, record: kept.entries.entryAt(ordinal) }
        }
      }
    },
  }
}
