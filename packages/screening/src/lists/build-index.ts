import { copyFileSync, linkSync, rmSync } from "node:fs"
import { join } from "node:path"
import { IntegrityError } from "@nightlight/core"
import { writeNewFile } from "@nightlight/durable"
import type { ListInfo } from "../ports.ts"
import type { BuildIndexRequest } from "./build-request.ts"
import { attempt, OUTPUT_NAME, syncFolder } from "./files.ts"
import type { ListKeeper } from "./import-list.ts"
import {
  DELTA_FILES,
  type DocumentedSegment,
  INDEX_DOCUMENT,
  INDEX_FILES,
  INDEX_FORMAT,
  type IndexDocument,
  indexedSegmentFolder,
  readIndexDocument,
  segmentKey,
  segmentsOf,
  toDocumentedList,
  toListInfo,
} from "./index-document.ts"
import { assertNoneRolledBack, dropOldIndexes } from "./index-history.ts"
import { type BuiltPart, writePart } from "./index-parts.ts"
import { toIndexed } from "./indexed-segments.ts"
import { LoadedIndex } from "./loaded-index.ts"
import { DELTA_FROM_ENTRIES, planDelta } from "./plan-delta.ts"
import { SegmentEntries } from "./segment-entries.ts"
import { signedText } from "./signed-document.ts"
import { listFolder, listSnapshots, SNAPSHOT_FILES, type Snapshot } from "./snapshot.ts"
import { assertTestCardsMatch } from "./test-card-check.ts"
import { TEST_CARD_LIST } from "./test-card-records.ts"
import { beginVersion, changeAlone, commitVersion, makeFolder, versionFolder, versionsIn } from "./versions.ts"

/** Result of a build. */
export interface BuiltIndex {
  readonly version: number
  /** False when no list changed: the version is then the existing one. */
  readonly changed: boolean
  readonly lists: readonly ListInfo[]
}

/**
 * Builds one index over the newest snapshots of all lists, and makes it live in one step once every test card has
 * matched.
 *
 * Where little was added, or only small lists changed, the existing index becomes the base, with a delta over the new
 * segments; its files
 * and test cards are then checked when it is opened. A delta that has grown to an eighth of its base is merged into it.
 *
 * @throws {IntegrityError} `snapshot_untrusted` when a list is altered, older than the version in the index, or gone
 * without having been removed; `index_untrusted` when the existing index is not authentic and `repair` is not set;
 * `test_card_missed` when a test card does not match.
 * @throws {RequestError} `state_conflict` when the lists have more PDQ hashes than one index can hold (33 million).
 * @throws {DependencyError} `locked`, `disk_full`, `write_failed`, `unavailable`.
 */
export async function buildIndex(request: BuildIndexRequest, keeper: ListKeeper): Promise<BuiltIndex> {
  const { listsDir, indexDir, repair = false } = request
  makeFolder(indexDir)
  return changeAlone(indexDir, "index", "the index", async () => {
    const snapshots = await listSnapshots(listsDir, keeper.verifier)
    const newest = versionsIn(indexDir).at(-1) ?? 0
    const previous = newest === 0 ? undefined : await readPrevious(request, newest, keeper)
    if (previous !== undefined) await assertNoneRolledBack(previous, snapshots, { listsDir, verifier: keeper.verifier })
    if (previous === undefined || repair || !sameLists(previous, snapshots)) {
      const document = await writeIndex(request, newest + 1, { snapshots, previous, keeper })
      await dropOldIndexes(request, document, keeper.verifier)
      return { version: document.version, changed: true, lists: document.lists.map(toListInfo) }
    }
    await dropOldIndexes(request, previous, keeper.verifier)
    return { version: newest, changed: false, lists: previous.lists.map(toListInfo) }
  })
}

async function readPrevious(
  { indexDir, repair = false }: BuildIndexRequest,
  version: number,
  { verifier }: ListKeeper,
): Promise<IndexDocument | undefined> {
  try {
    return await readIndexDocument(indexDir, version, verifier)
  } catch (error) {
    if (repair) return undefined
    if (!(error instanceof IntegrityError)) throw error
    throw new IntegrityError("index_untrusted", error.message, {
      hint: "Find out why, then build the index again with repair.",
    })
  }
}

function sameLists({ lists }: IndexDocument, snapshots: readonly Snapshot[]): boolean {
  const key = (name: string, version: number) => `${name} ${version}`
  const indexed = lists.map(({ name, snapshot }) => key(name, snapshot))
  return indexed.join() === snapshots.map(({ name, version }) => key(name, version)).join()
}

interface IndexSources {
  readonly snapshots: readonly Snapshot[]
  readonly previous: IndexDocument | undefined
  readonly keeper: ListKeeper
}

async function writeIndex(
  { listsDir, indexDir, repair = false, deltaFromEntries = DELTA_FROM_ENTRIES }: BuildIndexRequest,
  version: number,
  { snapshots, previous, keeper }: IndexSources,
): Promise<IndexDocument> {
  const folder = beginVersion(indexDir)
  const entries: SegmentEntries[] = []
  const lists = snapshots.map(toDocumentedList)
  const segments = segmentsOf(lists)
  try {
    const plan =
      previous === undefined || repair ? undefined : planDelta(indexDir, previous, segments, deltaFromEntries)
    const built = plan?.delta ?? segments
    for (const segment of plan?.base ?? []) await linkSegment(listsDir, folder, segment)
    for (const segment of built) entries.push(await adopt(listsDir, folder, segment))
    const part = await writePart(folder, plan === undefined ? INDEX_FILES : DELTA_FILES, entries)
    const whole: IndexDocument = {
      format: INDEX_FORMAT,
      version,
      builtAt: keeper.clock.now().toISOString(),
      lists,
      files: part.files,
    }
    const hasCards = built.some(({ list }) => list.name === TEST_CARD_LIST)
    // The base's test cards matched when it was built, and are looked up again when it is opened.
    if (plan === undefined || hasCards) assertTestCardsMatch(loadedOf(version, { built, entries, part }))
    let document = whole
    if (plan !== undefined && previous !== undefined) {
      for (const name of Object.values(INDEX_FILES)) {
        linkOrCopy(join(versionFolder(indexDir, previous.version), name), join(folder, name))
      }
      const delta = { segments: built.map(segmentKey), files: part.files }
      document = { ...whole, files: previous.files, delta }
    }
    const text = signedText(document, keeper.signer)
    await writeNewFile(join(folder, INDEX_DOCUMENT), text, { what: OUTPUT_NAME })
    await commitVersion(folder, indexDir, version)
    return document
  } finally {
    await Promise.all(entries.map((segment) => segment.close()))
    // After the commit the temporary folder is gone.
    rmSync(folder, { recursive: true, force: true })
  }
}

interface BuiltSegments {
  readonly built: readonly DocumentedSegment[]
  readonly entries: readonly SegmentEntries[]
  readonly part: BuiltPart
}

/** The newly built segments as an index. */
function loadedOf(version: number, { built, entries, part }: BuiltSegments): LoadedIndex {
  const segments = toIndexed(built, entries)
  return new LoadedIndex({ version, segments, parts: [{ ...part, segments: segments.map((_, index) => index) }] })
}

/** Hard-links (or copies) a segment's files, which never change, into the index's folder, and opens them. */
async function adopt(listsDir: string, folder: string, segment: DocumentedSegment): Promise<SegmentEntries> {
  const to = await linkSegment(listsDir, folder, segment)
  const { counts, files, list, version } = segment
  const listName = `list ${list.name}, version ${version}`
  return SegmentEntries.open({ folder: to, counts, files, code: "snapshot_untrusted", listName })
}

/** Hard-links (or copies) a segment's files into the index's folder, and returns that folder. */
async function linkSegment(listsDir: string, folder: string, segment: DocumentedSegment): Promise<string> {
  const from = versionFolder(listFolder(listsDir, segment.list.name), segment.version)
  const to = indexedSegmentFolder(folder, segment)
  makeFolder(to)
  for (const file of Object.values(SNAPSHOT_FILES)) linkOrCopy(join(from, file), join(to, file))
  await syncFolder(to)
  return to
}

function linkOrCopy(from: string, to: string): void {
  try {
    linkSync(from, to)
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    // A missing file is reported, with its list, when it is opened.
    if (code !== "ENOENT") attempt(() => copyFileSync(from, to))
  }
}
