/**
 * Finds the files of a dataset on the Hugging Face Hub, at one commit.
 * @module
 */
import { datasetInfo, downloadFile, type ListFileEntry, listFiles } from "@huggingface/hub"
import { DependencyError, hasCode, type PathFilter, RequestError } from "@nightlight/core"
import { expandBraceList } from "../../plan/brace-list.ts"
import { decodeName } from "../../readers/entry-name.ts"
import type { ListedFile, PlannedSource } from "../../readers/listing.ts"
import { commonAddress } from "../address.ts"
import type { FetchRange } from "../block-source.ts"
import { inOrder } from "../in-order.ts"
import { remoteStore } from "../remote-store.ts"
import type { DatasetSource } from "../source.ts"
import { type ListedEntry, walkListing } from "../walk-listing.ts"
import { hubAddress, parseHubAddress } from "./address.ts"
import { accessOf, askHub, type Hub, hubOfEnvironment } from "./calls.ts"

/** Larger than an object store's: the Hub counts calls. */
const BLOCKS = { blockBytes: 16 * 2 ** 20, ahead: 1, kept: 3 }

/** A repository at a commit. */
interface PinnedRepository {
  readonly hub: Hub
  /** `OWNER/NAME`. */
  readonly name: string
  readonly commit: string
}

/**
 * Finds folders and files of one repository. The revision is resolved to a commit once; everything is read at that.
 *
 * @throws {RequestError} `input_invalid` for several repositories or revisions; `not_found`, `unauthenticated`,
 * `forbidden`.
 * @throws {DependencyError} `unavailable`, `answer_malformed`.
 */
export async function hubSource(
  inputs: readonly string[],
  { isExcluded }: { readonly isExcluded: PathFilter },
  signal: AbortSignal,
): Promise<DatasetSource> {
  const lists = inputs.map((input) => expandBraceList(input).map(parseHubAddress))
  const addresses = lists.flat()
  const [first] = addresses
  if (first === undefined) throw new RequestError("input_invalid", "expected a dataset")
  const { name, revision } = first
  if (addresses.some((each) => each.name !== name || each.revision !== revision)) {
    throw new RequestError("input_invalid", "the inputs lie in several repositories or revisions", {
      hint: "Run one scan for each.",
    })
  }
  const hub = hubOfEnvironment()
  const repository = { hub, name, commit: await resolveCommit(hub, { name, revision }, signal) }
  const places: Place[] = []
  const missingPaths: string[] = []
  for (const list of lists) {
    const found = await inOrder(list, 4, ({ path }) => findPlace(repository, path, signal))
    const missing = list.flatMap(({ path }, index) => (found[index] === undefined ? [path] : []))
    if (missing.length === list.length) {
      throw new RequestError("not_found", `there is no ${missing[0]} in the dataset ${name}`)
    }
    places.push(...found.flatMap((place) => place ?? []))
    missingPaths.push(...missing)
  }
  const distinct = withoutNested([...new Map(places.map((place) => [place.path, place])).values()])
  const rootPath = commonAddress(distinct.map(({ kind, path }) => (kind === "folder" ? path : parentOf(path))))
  const toPath = (path: string) => (rootPath === "" ? path : path.slice(rootPath.length + 1))
  const store = remoteStore((file) => rangesOf(repository, rootPath, file), { blocks: BLOCKS })
  const { commit } = repository
  return {
    root: hubAddress(name, commit, rootPath),
    commit,
    store,
    sources: distinct.map(({ kind, path }): PlannedSource => ({ kind, path: hubAddress(name, commit, path) })),
    readRoots: [],
    missing: missingPaths.map(toPath),
    walk: (stop) => walkListing(entriesOf(distinct, toPath), { store, isExcluded }, stop),
  }
}

async function resolveCommit(
  hub: Hub,
  { name, revision }: { readonly name: string; readonly revision: string },
  signal: AbortSignal,
): Promise<string> {
  const { sha } = await askHub(`there is no dataset ${name}, or no revision ${revision} of it`, signal, () =>
    datasetInfo({ name, revision, additionalFields: ["sha"], ...accessOf(hub, signal) }),
  )
  if (/^[0-9a-f]{40}$/.test(sha)) return sha
  throw new DependencyError("answer_malformed", "the Hub did not say which commit a revision is")
}

interface Place {
  readonly kind: "folder" | "file"
  readonly path: string
  readonly files: readonly ListFileEntry[]
}

async function findPlace(repository: PinnedRepository, path: string, signal: AbortSignal): Promise<Place | undefined> {
  const files = await listIfThere(repository, { path, isRecursive: true }, signal)
  if (files.length > 0 || path === "") return { kind: "folder", path, files }
  const beside = await listIfThere(repository, { path: parentOf(path), isRecursive: false }, signal)
  const file = beside.find((entry) => entry.path === path)
  return file && { kind: "file", path, files: [file] }
}

/** Lists a folder's files; none where there is no such folder. */
async function listIfThere(
  repository: PinnedRepository,
  folder: { readonly path: string; readonly isRecursive: boolean },
  signal: AbortSignal,
): Promise<readonly ListFileEntry[]> {
  return await listFolder(repository, folder, signal).catch((error: unknown) => {
    if (folder.path !== "" && hasCode(error, "not_found")) return []
    throw error
  })
}

async function listFolder(
  { hub, name, commit }: PinnedRepository,
  { path, isRecursive }: { readonly path: string; readonly isRecursive: boolean },
  signal: AbortSignal,
): Promise<readonly ListFileEntry[]> {
  return await askHub(`there is no ${path} in the dataset ${name}`, signal, async () => {
    const entries: ListFileEntry[] = []
    const listing = listFiles({
      repo: { type: "dataset", name },
      revision: commit,
      path: path.split("/").map(encodeURIComponent).join("/"),
      recursive: isRecursive,
      ...accessOf(hub, signal),
    })
    for await (const entry of listing) if (entry.type === "file") entries.push(entry)
    return entries
  })
}

function* entriesOf(places: readonly Place[], toPath: (path: string) => string): Generator<ListedEntry, void> {
  for (const { files } of places) {
    for (const { path, size, lfs, oid = "" } of files) {
      yield { path: toPath(path), sizeBytes: lfs?.size ?? size, modifiedMs: 0, version: lfs?.oid ?? oid }
    }
  }
}

function rangesOf({ hub, name, commit }: PinnedRepository, rootPath: string, file: ListedFile): FetchRange {
  const path = rootPath === "" ? decodeName(file.path) : `${rootPath}/${decodeName(file.path)}`
  const { sizeBytes, version = "" } = file
  const url = `${hub.url}/datasets/${name}/resolve/${commit}/${path.split("/").map(encodeURIComponent).join("/")}`
  const downloadInfo = { url, size: sizeBytes, etag: version }
  return (offset, length, signal) =>
    askHub("a file of the dataset is gone", signal, async () => {
      const access = accessOf(hub, signal, { offset, length, sizeBytes })
      const blob = await downloadFile({
        repo: { type: "dataset", name },
        path,
        revision: commit,
        xet: false,
        downloadInfo,
        ...access,
      })
      const bytes = new Uint8Array((await blob?.slice(offset, offset + length).arrayBuffer()) ?? [])
      // A body may end too early: another try reads it again.
      if (bytes.length !== length) throw new TypeError("expected a whole range")
      return bytes
    })
}

function withoutNested(places: readonly Place[]): readonly Place[] {
  const folders = places.filter(({ kind }) => kind === "folder")
  const isInside = (path: string, folder: string) => folder === "" || path.startsWith(`${folder}/`)
  return places.filter((place) => !folders.some((folder) => folder !== place && isInside(place.path, folder.path)))
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf("/")))
}
