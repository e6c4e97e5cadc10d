import { IntegrityError, type Verifier } from "@nightlight/core"
import { indexedListFolder, readIndexDocument, toListInfo } from "./index-document.ts"
import { ListEntries } from "./list-entries.ts"
import { type IndexedList, LoadedIndex } from "./loaded-index.ts"
import { openParts } from "./open-parts.ts"
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
 * until it is closed; holds the PDQ hashes and the digests' prefixes in memory.
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
  const lists: IndexedList[] = []
  try {
    for (const list of document.lists) {
      const place = { folder: indexedListFolder(folder, list.name), counts: list.counts, files: list.files }
      const listName = `index version ${version}, list ${list.name}`
      const entries = await ListEntries.open({ ...place, code: "index_untrusted", listName })
      lists.push({ info: toListInfo(list), entries })
    }
    const index = new LoadedIndex({ version, lists, parts: await openParts(folder, document) })
    assertTestCardsMatch(index)
    return index
  } catch (error) {
    await Promise.all(lists.map(({ entries }) => entries.close()))
    throw error
  }
}
