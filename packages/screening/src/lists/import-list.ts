import { rmSync } from "node:fs"
import { join } from "node:path"
import {
  type BadRecord,
  type Clock,
  compact,
  type HashRecord,
  type ListItem,
  type ListSource,
  RequestError,
  type Signer,
  type Trust,
  type Verifier,
} from "@nightlight/core"
import { writeNewFile } from "@nightlight/durable"
import { BadRecords } from "./bad-records.ts"
import { CategoryNumbers } from "./categories.ts"
import { OUTPUT_NAME, syncFolder } from "./files.ts"
import { AttributeAgreement, type SettledAttributes } from "./list-attributes.ts"
import { assertListName } from "./list-name.ts"
import { type Counts, sumOf, totalOf } from "./record-layout.ts"
import { readRemoval } from "./removal.ts"
import { RunWriter } from "./run-writer.ts"
import type { SegmentEntries } from "./segment-entries.ts"
import { signedText } from "./signed-document.ts"
import { listFolder, type Segment, SNAPSHOT_DOCUMENT, SNAPSHOT_FORMAT, type Snapshot, showList } from "./snapshot.ts"
import { sameList, writeSnapshotFiles } from "./snapshot-files.ts"
import { TEST_CARD_LIST } from "./test-card-records.ts"
import { beginVersion, changeAlone, commitVersion, makeFolder, remove, versionFolder, versionsIn } from "./versions.ts"

/**
 * A list to import, and its settings. Missing settings come from the items, then (except for the date) from the
 * previous version, then from the defaults.
 */
export interface ImportListRequest {
  /** Folder of all lists; created where absent. */
  readonly listsDir: string
  readonly name: string
  /** Read once. Its `sourceSha256` at the end, if any, is stored. */
  readonly items: AsyncIterable<ListItem> | ListSource
  /** Default `unverified`. */
  readonly trust?: Trust
  /** 0 to 63, default 31; beyond 31 every PDQ look-up scans all entries. */
  readonly radiusBits?: number
  /** ISO 8601. */
  readonly asOf?: string
  readonly terms?: string
  /** Accepts a list that is empty or less than half its earlier size. */
  readonly acceptShrink?: boolean
  /** Accepts a list in which every hash of one type is unreadable. */
  readonly acceptUnread?: boolean
  /** Old versions to keep beside the new one; all where absent. */
  readonly keepVersions?: number
}

/** Signer, verifier and clock for the snapshots of a workspace. */
export interface ListKeeper {
  readonly signer: Signer
  readonly verifier: Verifier
  readonly clock: Clock
}

/** Progress and cancellation of an import. */
export interface ImportListOptions {
  /** Called every few thousand items. */
  readonly onProgress?: (progress: { readonly phase: "reading" | "merging"; readonly items: number }) => void
  readonly signal?: AbortSignal
}

/** Result of an import. */
export interface ImportSummary {
  readonly name: string
  readonly version: number
  /** False when the list is unchanged: the version is then the existing one. */
  readonly changed: boolean
  readonly counts: Counts
  readonly trust: Trust
  readonly radiusBits: number
  readonly duplicates: number
  readonly bad: {
    readonly count: number
    /** The first 100. */
    readonly first: readonly BadRecord[]
    readonly byReason: Readonly<Partial<Record<BadRecord["reason"], number>>>
  }
  /** Entries of the previous version, where the list shrank by more than half. */
  readonly shrunkFrom?: number
}

const STEP_ITEMS = 16_384

/**
 * Imports a list as its next version: sorted and without duplicates, in constant memory, live in one step at the end.
 * An index contains it after `buildIndex`.
 *
 * @throws {RequestError} `list_malformed` when items disagree about the list, when every hash of one type is unreadable
 * and that was not accepted, or when their reader throws it; `state_conflict` when the list is empty or lost more than
 * half of its entries and that was not accepted; `input_invalid` for an invalid name or radius.
 * @throws {DependencyError} `locked` while the same list is being imported; `disk_full`, `write_failed`.
 * @throws {IntegrityError} `snapshot_untrusted` when the previous version is not authentic.
 */
export async function importList(
  request: ImportListRequest,
  keeper: ListKeeper,
  options: ImportListOptions = {},
): Promise<ImportSummary> {
  assertListName(request.name)
  if (request.name === TEST_CARD_LIST)
    throw new RequestError("input_invalid", "this name is reserved for the test cards")
  return writeList(request, keeper, options)
}

/** Imports any list, including the test cards. */
export async function writeList(
  request: ImportListRequest,
  keeper: ListKeeper,
  options: ImportListOptions = {},
): Promise<ImportSummary> {
  const { listsDir, name } = request
  makeFolder(listsDir)
  return changeAlone(listsDir, name, `list ${name}`, async () => {
    const previous = await previousSnapshot(listsDir, name, keeper.verifier)
    const unfinished = beginVersion(listFolder(listsDir, name))
    try {
      return await new Import(request, keeper, options).run(unfinished, previous)
    } finally {
      // After the commit the temporary folder is gone.
      rmSync(unfinished, { recursive: true, force: true })
    }
  })
}

/** The newest version of a list. */
export interface Previous {
  /** 0 where it never had one; the last one where the list was removed. */
  readonly version: number
  /** Undefined where there is no such list. */
  readonly snapshot: Snapshot | undefined
}

/**
 * Reads the newest version of a list.
 *
 * @throws {IntegrityError} `snapshot_untrusted` when it is not authentic.
 */
export async function previousSnapshot(listsDir: string, name: string, verifier: Verifier): Promise<Previous> {
  const removal = await readRemoval(listsDir, name, verifier)
  const exists = versionsIn(listFolder(listsDir, name)).length > 0
  const snapshot = exists ? await showList({ listsDir, name }, verifier) : undefined
  return { version: Math.max(snapshot?.version ?? 0, removal?.lastVersion ?? 0), snapshot }
}

/**
 * An import in progress: of a whole list, or of what an addition brings beside segments that stay.
 */
export class Import {
  readonly #request: ImportListRequest
  readonly #keeper: ListKeeper
  readonly #options: ImportListOptions
  readonly #categories = new CategoryNumbers()
  readonly #bad = new BadRecords()
  readonly #kept: readonly KeptSegment[]
  /** Records that a kept segment has already. */
  #known = 0

  /** @param kept - Segments that stay as they are: records that they have are left out. */
  constructor(
    request: ImportListRequest,
    keeper: ListKeeper,
    options: ImportListOptions,
    kept: readonly KeptSegment[] = [],
  ) {
    this.#request = request
    this.#keeper = keeper
    this.#options = options
    this.#kept = kept
  }

  async run(folder: string, previous: Previous): Promise<ImportSummary> {
    const { listsDir, name, items } = this.#request
    const runsFolder = join(folder, "runs")
    makeFolder(runsFolder)
    const { runs, attributes } = await this.#read(runsFolder, previous.snapshot)
    const { categories, places } = this.#categories.sorted()
    const written = await writeSnapshotFiles({ folder, runs, categories, places }, (count) =>
      this.#pause("merging", count),
    )
    remove(runsFolder)
    const added = { version: previous.version + 1, counts: written.counts, files: written.files }
    const segments = [
      ...this.#kept.map(({ segment }) => segment),
      ...(this.#kept.length > 0 && totalOf(written.counts) === 0 ? [] : [added]),
    ]
    const counts = sumOf(segments.map((segment) => segment.counts))
    const shrunkFrom = this.#assertNotShrunk(totalOf(counts), previous.snapshot)
    const sourceSha256 = "sourceSha256" in items ? items.sourceSha256 : undefined
    const snapshot: Snapshot = {
      format: SNAPSHOT_FORMAT,
      name,
      version: previous.version + 1,
      importedAt: this.#keeper.clock.now().toISOString(),
      ...attributes,
      counts,
      duplicates: written.duplicates + this.#known,
      segments,
      badCount: this.#bad.count,
      ...compact({ sourceSha256 }),
    }
    const changed = previous.snapshot === undefined || !sameList(previous.snapshot, snapshot)
    if (changed) {
      const text = signedText(snapshot, this.#keeper.signer)
      await writeNewFile(join(folder, SNAPSHOT_DOCUMENT), text, { what: OUTPUT_NAME })
      await commitVersion(folder, listFolder(listsDir, name), snapshot.version)
      await syncFolder(listsDir)
      await this.#dropOldVersions()
    }
    return compact({
      name,
      version: changed ? snapshot.version : previous.version,
      changed,
      counts,
      trust: attributes.trust,
      radiusBits: attributes.radiusBits,
      duplicates: written.duplicates + this.#known,
      bad: { count: this.#bad.count, first: this.#bad.first, byReason: this.#bad.byReason },
      shrunkFrom,
    })
  }

  async #read(
    runsFolder: string,
    before: Snapshot | undefined,
  ): Promise<{ runs: readonly string[]; attributes: SettledAttributes }> {
    const agreement = new AttributeAgreement()
    const runs = new RunWriter(runsFolder)
    let count = 0
    for await (const item of this.#request.items) {
      if (item.ok) {
        if (item.attributes !== undefined) agreement.hear(item.attributes, item.line)
        this.#bad.imported[item.record.hashType]++
        if (isIn(this.#kept, item.record)) this.#known++
        else runs.add(item.record, this.#categories.numberOf(item.record.category))
      } else this.#bad.add(item.bad)
      if (++count % STEP_ITEMS === 0) await this.#pause("reading", count)
    }
    await this.#pause("reading", count)
    if (this.#request.acceptUnread !== true) this.#bad.assertKindsRead()
    return { runs: runs.finish(), attributes: agreement.settle(this.#request, before) }
  }

  /** Reports progress, yields to other work, and stops when aborted. */
  async #pause(phase: "reading" | "merging", items: number): Promise<void> {
    this.#options.onProgress?.({ phase, items })
    await new Promise<void>((resolve) => setImmediate(resolve))
    this.#options.signal?.throwIfAborted()
  }

  #assertNotShrunk(entries: number, previous: Snapshot | undefined): number | undefined {
    const before = previous === undefined ? 0 : totalOf(previous.counts)
    const shrunk = entries * 2 < before
    if ((entries > 0 && !shrunk) || this.#request.acceptShrink === true) return shrunk ? before : undefined
    throw new RequestError(
      "state_conflict",
      entries === 0 ? `the list is empty${this.#bad.clause()}` : `the list shrank from ${before} entries to ${entries}`,
      {
        details: { entries, before, badCount: this.#bad.count },
        hint: "If the list's source intends this, do it again with --accept-shrink.",
      },
    )
  }

  /** A version that a newer one has segments of is kept too. */
  async #dropOldVersions(): Promise<void> {
    const { keepVersions, listsDir, name } = this.#request
    if (keepVersions === undefined) return
    const folder = listFolder(listsDir, name)
    const versions = versionsIn(folder)
    const needed = new Set<number>()
    for (const version of versions.slice(-1 - keepVersions)) {
      const { segments } = await showList({ listsDir, name, version }, this.#keeper.verifier)
      for (const segment of segments) needed.add(segment.version)
    }
    for (const version of versions.slice(0, -1 - keepVersions)) {
      if (!needed.has(version)) remove(versionFolder(folder, version))
    }
  }
}

/** A segment that stays, with its entries. */
export interface KeptSegment {
  readonly segment: Segment
  readonly entries: SegmentEntries
}

/** Whether a segment has a record with this hash and category. */
function isIn(kept: readonly KeptSegment[], { hashType, hash, category }: HashRecord): boolean {
  if (kept.length === 0) return false
  const bytes = Buffer.from(hash, "hex")
  return kept.some(({ entries }) =>
    entries.find(hashType, bytes).some((ordinal) => entries.entryAt(ordinal).category === category),
  )
}
