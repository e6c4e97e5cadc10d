/**
 * Finds the objects that an operator named.
 * @module
 */
import { type PathFilter, RequestError } from "@nightlight/core"
import { expandBraceList } from "../../plan/brace-list.ts"
import type { PlannedSource } from "../../readers/listing.ts"
import { commonAddress, parseS3Address, type S3Address, s3Address } from "../address.ts"
import type { DatasetSource } from "../source.ts"
import { type ListedEntry, walkListing } from "../walk-listing.ts"
import { type Bucket, openBucket } from "./client.ts"
import { type ListedObject, listObjects } from "./list.ts"
import type { S3Settings } from "./settings.ts"
import { s3Store } from "./store.ts"

/**
 * Finds prefixes, objects and brace lists of one bucket. A prefix ends at a slash: `s3://bucket/train` is everything
 * below `train/`, or where nothing is, the object `train`. If there are both, the object is left aside as
 * `unsafe_name`, and an empty one ignored: some programs mark a folder by it.
 *
 * @throws {RequestError} `input_invalid` for several buckets and malformed addresses; `not_found` if there is nothing
 * below one (for a brace list: below any of it); `unauthenticated`, `forbidden`.
 * @throws {DependencyError} `unavailable`.
 */
export async function s3Source(
  inputs: readonly string[],
  { settings, isExcluded }: { readonly settings: S3Settings; readonly isExcluded: PathFilter },
  signal: AbortSignal,
): Promise<DatasetSource> {
  const addresses = inputs.map((input) => ({ input, places: expandBraceList(input).map(parseS3Address) }))
  const [name = "", ...others] = new Set(addresses.flatMap(({ places }) => places.map(({ bucket }) => bucket)))
  if (others.length > 0) {
    throw new RequestError("input_invalid", "the inputs lie in several buckets", { hint: "Run one scan for each." })
  }
  const bucket = await openBucket(name, settings)
  const found: FoundPlace[] = []
  const missingKeys: string[] = []
  for (const { input, places } of addresses) {
    const listed = await findPlaces(bucket, places, signal)
    if (listed.size === 0) throw new RequestError("not_found", `there is no ${input}`)
    found.push(...listed.values())
    for (const { key } of places) if (!listed.has(key)) missingKeys.push(key)
  }
  const distinct = withoutNested(found)
  const rootKey = commonAddress(distinct.map(({ kind, key }) => (kind === "folder" ? key : parentOf(key))))
  const root = s3Address(name, rootKey)
  const toPath = (key: string) => (rootKey === "" ? key : key.slice(rootKey.length + 1))
  const store = s3Store(bucket, rootKey)
  return {
    root,
    store,
    sources: distinct.map(({ kind, key }): PlannedSource => ({ kind, path: s3Address(name, key) })),
    readRoots: [],
    missing: missingKeys.map(toPath),
    walk: (stop) => walkListing(entriesOf(bucket, distinct, toPath, stop), { store, isExcluded }, stop),
  }
}

interface FoundPlace {
  readonly kind: "folder" | "file"
  readonly key: string
  /** Of a file; of a folder, the object that has its name without the slash. */
  readonly object?: ListedObject | undefined
}

async function findPlace(
  bucket: Bucket,
  { key, isFolder }: S3Address,
  signal: AbortSignal,
): Promise<FoundPlace | undefined> {
  const prefix = key === "" ? "" : `${key}/`
  const object = isFolder ? undefined : await objectAt(bucket, key, signal)
  for await (const _ of listObjects(bucket, prefix, signal)) return { kind: "folder", key, object }
  return object && { kind: "file", key, object }
}

async function objectAt(bucket: Bucket, key: string, signal: AbortSignal): Promise<ListedObject | undefined> {
  // If there is one, it is the first of those whose keys begin with its own.
  for await (const object of listObjects(bucket, key, signal)) return object.key === key ? object : undefined
  return undefined
}

/** Finds the places of an input, by key. Those of a brace list are found in one listing of what they have in common. */
async function findPlaces(
  bucket: Bucket,
  places: readonly S3Address[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, FoundPlace>> {
  const [first] = places
  const found = new Map<string, FoundPlace>()
  if (first === undefined) return found
  if (places.length === 1) {
    const place = await findPlace(bucket, first, signal)
    return place === undefined ? found : found.set(place.key, place)
  }
  const wanted = new Map(places.map((place) => [place.key, place]))
  for await (const object of listObjects(bucket, commonStart([...wanted.keys()]), signal)) {
    const { key } = object
    if (wanted.get(key)?.isFolder === false) found.set(key, { kind: found.get(key)?.kind ?? "file", key, object })
    for (let slash = key.indexOf("/"); slash !== -1; slash = key.indexOf("/", slash + 1)) {
      const folder = key.slice(0, slash)
      if (!wanted.has(folder) || found.get(folder)?.kind === "folder") continue
      found.set(folder, { kind: "folder", key: folder, object: found.get(folder)?.object })
    }
  }
  return found
}

function commonStart(keys: readonly string[]): string {
  const common = keys.reduce((start, key) => {
    let length = 0
    while (length < start.length && start[length] === key[length]) length++
    return start.slice(0, length)
  })
  // Half of a character outside the basic plane is no text.
  return common.isWellFormed() ? common : common.slice(0, -1)
}

function withoutNested(found: readonly FoundPlace[]): readonly FoundPlace[] {
  const unique = [...new Map(found.map((place) => [`${place.kind} ${place.key}`, place])).values()]
  const folders = unique.filter(({ kind }) => kind === "folder")
  const isInside = (key: string, folder: string) => folder === "" || key.startsWith(`${folder}/`)
  return unique.filter((place) => !folders.some((folder) => folder !== place && isInside(place.key, folder.key)))
}

async function* entriesOf(
  bucket: Bucket,
  places: readonly FoundPlace[],
  toPath: (key: string) => string,
  signal: AbortSignal,
): AsyncGenerator<ListedEntry, void> {
  const entryOf = ({ key, sizeBytes, modifiedMs, etag }: ListedObject): ListedEntry => {
    return { path: toPath(key), sizeBytes, modifiedMs, version: etag }
  }
  for (const { kind, key, object } of places) {
    if (object !== undefined && (kind === "file" || object.sizeBytes > 0)) yield entryOf(object)
    if (kind === "file") continue
    for await (const each of listObjects(bucket, key === "" ? "" : `${key}/`, signal)) yield entryOf(each)
  }
}

function parentOf(key: string): string {
  return key.slice(0, Math.max(0, key.lastIndexOf("/")))
}
