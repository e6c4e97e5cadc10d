import { IntegrityError, type Verifier } from "@nightlight/core"
import { indexedSegmentFolder, readIndexDocument, segmentsOf } from "./index-document.ts"
import { toIndexed } from "./indexed-segments.ts"
import { LoadedIndex } from "./loaded-index.ts"
import { openAll } from "./open-all.ts"
import { openParts } from "./open-parts.ts"
import { SegmentEntries } from "./segment-entries.ts"
import { assertTestCardsMatch } from "./test-card-check.ts"
import { versionFolder, versionsIn } from "./versions.ts"

/** Folder and version of an index to open. */
export interface OpenIndexPlace {
  readonly indexDir: string
  /** The newest where absent. */
  readonly version?: number
}

/** Verifies signatures. */
export interface OpenIndexTrust {
  readonly verifier: Verifier
  /** The oldest version to accept: an older one must not replace one that was live. */
  readonly minimumVersion?: number
}

/**
 * Opens an index after checking its signature, every file's digest and every test card. Keeps the record files open
 * until it is closed; holds the PDQ hashes and the digests' prefixes in memory. An entry that is altered in these files
 * afterwards is reported by its look-up (`index_untrusted`), never missed; only its category or id can be altered without
 * notice, by who also sets the file's time back.
 *
 * @throws {IntegrityError} `index_untrusted` when a file is missing, cut, altered or signed by another key;
 *   `index_older`; `test_card_missed` when a test card does not match.
 * @throws {DependencyError} `unavailable` when there is not enough memory.
 */
export async function openIndex(place: OpenIndexPlace, trust: OpenIndexTrust): Promise<LoadedIndex> {
  const version = place.version ?? versionsIn(place.indexDir).at(-1)
  if (version === undefined) throw new IntegrityError("index_untrusted", "there is no index of the lists")
  try {
    return await openVersion(place.indexDir, version, trust)
  } catch (error) {
    const newest = versionsIn(place.indexDir).at(-1)
    // The index was replaced and removed meanwhile: open the next one.
    if (place.version === undefined && newest !== undefined && newest > version) return openIndex(place, trust)
    throw error
  }
}

async function openVersion(indexDir: string, version: number, trust: OpenIndexTrust): Promise<LoadedIndex> {
  const { verifier, minimumVersion = 1 } = trust
  const document = await readIndexDocument(indexDir, version, verifier)
  if (version < minimumVersion) {
    throw new IntegrityError("index_older", `index version ${version} is older than ${minimumVersion}, which was live`)
  }
  const folder = versionFolder(indexDir, version)
  const documented = segmentsOf(document.lists)
  const opening = openAll(
    documented.map((segment) => () => {
      const { counts, files } = segment
      const listName = `index version ${version}, list ${segment.list.name}`
      const place = { folder: indexedSegmentFolder(folder, segment), counts, files }
      return SegmentEntries.open({ ...place, code: "index_untrusted", listName })
    }),
  )
  // The records and the image are read and verified at the same time.
  const reading = openParts(folder, document)
  reading.catch(() => undefined)
  const opened = await opening
  try {
    const index = new LoadedIndex({ version, segments: toIndexed(documented, opened), parts: await reading })
    assertTestCardsMatch(index)
    return index
  } catch (error) {
    await Promise.all(opened.map((entries) => entries.close()))
    throw error
  }
}
