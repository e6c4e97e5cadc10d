/**
 * Removes versions of an object for good, and asks again.
 * @module
 */
import { DeleteObjectCommand, ListObjectVersionsCommand } from "@aws-sdk/client-s3"
import { compact, DependencyError } from "@nightlight/core"
import { sourceChanged } from "../../readers/source-changed.ts"
import { type Bucket, calling } from "./client.ts"
import { isAbsent, isDenied, isNotImplemented } from "./errors.ts"
import { headObject } from "./head.ts"
import { decodeKey, plainEtag } from "./list.ts"

/** One version of an object, or a marker that it was deleted. */
interface ObjectVersion {
  readonly id: string
  readonly modifiedMs: number
  /** Without quotes; empty for a marker. */
  readonly etag: string
  readonly isLatest: boolean
}

/**
 * Removes every version of an object but the newest, which must be the one expected.
 *
 * @param etag - Of the newest version, without quotes.
 * @throws {DependencyError} `source_changed` if the newest is another one; `versions_left` if one is left, or the store
 * does not say which there are.
 */
export async function removeOlderVersions(bucket: Bucket, key: string, etag: string): Promise<void> {
  const versions = await listVersions(bucket, key)
  if (versions === undefined) {
    if ((await headObject(bucket, key))?.etag !== etag) throw sourceChanged()
    return
  }
  const newest = versions.find(({ isLatest }) => isLatest)
  if (newest?.etag !== etag) throw sourceChanged()
  await removeVersions(
    bucket,
    key,
    versions.filter((version) => version !== newest),
  )
  const left = (await listVersions(bucket, key)) ?? []
  if (left.some(({ id }) => id !== newest.id)) throw versionsLeft()
}

/**
 * Removes an object with every version of it.
 *
 * @param etag - Of the newest version, without quotes.
 * @throws as {@link removeOlderVersions}; the newest version is removed last, so that another try finds it.
 */
export async function removeAllVersions(bucket: Bucket, key: string, etag: string): Promise<void> {
  const current = await headObject(bucket, key)
  if (current !== undefined && current.etag !== etag) throw sourceChanged()
  const versions = await listVersions(bucket, key)
  if (versions === undefined) {
    await removeVersion(bucket, key, undefined)
    if ((await headObject(bucket, key)) !== undefined) throw versionsLeft()
    return
  }
  await removeVersions(bucket, key, versions)
  if (((await listVersions(bucket, key)) ?? []).length > 0) throw versionsLeft()
}

/** Oldest first: if one cannot be removed, the newest still shows that there is something to remove. */
async function removeVersions(bucket: Bucket, key: string, versions: readonly ObjectVersion[]): Promise<void> {
  const rank = ({ isLatest, modifiedMs }: ObjectVersion) => (isLatest ? Number.POSITIVE_INFINITY : modifiedMs)
  for (const { id } of versions.toSorted((a, b) => rank(a) - rank(b))) await removeVersion(bucket, key, id)
}

async function removeVersion(bucket: Bucket, key: string, id: string | undefined): Promise<void> {
  const command = new DeleteObjectCommand(compact({ Bucket: bucket.name, Key: key, VersionId: id }))
  await calling(
    bucket,
    "delete",
    () => bucket.client.send(command),
    (error) => isAbsent(error) || isDenied(error),
  ).catch((error: unknown) => {
    if (isAbsent(error)) return
    throw isDenied(error) ? versionsLeft() : error
  })
}

/** Lists an object's versions; undefined where the store has no such call, and so keeps none. */
async function listVersions(bucket: Bucket, key: string): Promise<readonly ObjectVersion[] | undefined> {
  const versions: ObjectVersion[] = []
  let marker: { readonly KeyMarker: string; readonly VersionIdMarker: string } | undefined
  for (;;) {
    const command = new ListObjectVersionsCommand({
      Bucket: bucket.name,
      Prefix: key,
      EncodingType: "url",
      ...marker,
    })
    const page = await calling(
      bucket,
      "list",
      () => bucket.client.send(command),
      (error) => isNotImplemented(error) || isDenied(error),
    ).catch((error: unknown) => {
      if (isNotImplemented(error)) return undefined
      throw isDenied(error) ? versionsLeft() : error
    })
    if (page === undefined) return undefined
    const plainKey = (listed: string | undefined): string =>
      page.EncodingType === "url" ? decodeKey(listed ?? "") : (listed ?? "")
    const bodies = (page.Versions ?? []).map((entry) => ({ entry, etag: plainEtag(entry.ETag ?? "") }))
    const markers = (page.DeleteMarkers ?? []).map((entry) => ({ entry, etag: "" }))
    for (const { entry, etag } of [...bodies, ...markers]) {
      const { Key, VersionId: id, LastModified, IsLatest } = entry
      if (plainKey(Key) !== key) continue
      if (id === undefined) throw malformed()
      versions.push({ id, etag, modifiedMs: LastModified?.getTime() ?? 0, isLatest: IsLatest === true })
    }
    const { IsTruncated, NextKeyMarker, NextVersionIdMarker } = page
    // Keys come in order, so the object's own are over once another key is reached.
    if (IsTruncated !== true || plainKey(NextKeyMarker) !== key) return versions
    if (NextVersionIdMarker === undefined || NextVersionIdMarker === marker?.VersionIdMarker) throw malformed()
    marker = { KeyMarker: key, VersionIdMarker: NextVersionIdMarker }
  }
}

function versionsLeft(): DependencyError {
  return new DependencyError("versions_left", "earlier versions of an object cannot be removed, or not be listed", {
    hint: "Allow s3:ListBucketVersions and s3:DeleteObjectVersion; of a locked object, wait for the lock's end.",
  })
}

function malformed(): DependencyError {
  return new DependencyError("answer_malformed", "the object store's list of versions cannot be understood")
}
