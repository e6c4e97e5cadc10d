/**
 * XML of S3's answers.
 * @module
 */
import type { SimulatedBucket, Version } from "./bucket.ts"

/** An answer of the simulated store. */
export interface Answer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Buffer
  /** Only so much of the body is sent before the connection breaks. */
  readonly cutAt?: number
}

/** An error as S3 writes it. */
export function failure(status: number, code: string, key = ""): Answer {
  const body = `<?xml version="1.0"?><Error><Code>${code}</Code><Message>about ${escapeXml(key)}</Message></Error>`
  return { status, headers: { "content-type": "application/xml" }, body }
}

/** A successful answer in XML. */
export function xml(body: string, headers: Readonly<Record<string, string>> = {}): Answer {
  return {
    status: 200,
    headers: { "content-type": "application/xml", ...headers },
    body: `<?xml version="1.0"?>${body}`,
  }
}

/** Lists current objects: `ListObjectsV2`, a page at a time. */
export function listObjects(bucket: SimulatedBucket, query: URLSearchParams, pageSize: number): Answer {
  const prefix = query.get("prefix") ?? ""
  const after = Buffer.from(query.get("continuation-token") ?? "", "base64").toString()
  const keys = bucket
    .keys()
    .filter((key) => key.startsWith(prefix) && isAfter(key, after) && bucket.current(key) !== undefined)
  const size = Math.min(pageSize, Number(query.get("max-keys") ?? pageSize))
  const page = keys.slice(0, size)
  const contents = page.map((key) => {
    const { body, etag, modified } = bucket.current(key) as Version
    return `<Contents><Key>${encodeKey(key, query)}</Key><Size>${body.length}</Size><ETag>&quot;${etag}&quot;</ETag><LastModified>${modified.toISOString()}</LastModified></Contents>`
  })
  const isTruncated = keys.length > page.length
  const token = Buffer.from(page.at(-1) ?? "").toString("base64")
  const next = isTruncated ? `<NextContinuationToken>${token}</NextContinuationToken>` : ""
  return xml(
    `<ListBucketResult>${encodingOf(query)}<IsTruncated>${isTruncated}</IsTruncated>${next}${contents.join("")}</ListBucketResult>`,
  )
}

/** Lists all versions: `ListObjectVersions`, newest first for each key. */
export function listVersions(bucket: SimulatedBucket, query: URLSearchParams, pageSize: number): Answer {
  const prefix = query.get("prefix") ?? ""
  const all = bucket
    .keys()
    .filter((key) => key.startsWith(prefix))
    .flatMap((key) => [...(bucket.objects.get(key) ?? [])].reverse().map((version, index) => ({ key, version, index })))
  const [keyMarker, idMarker] = [query.get("key-marker"), query.get("version-id-marker")]
  const start =
    keyMarker === null ? 0 : all.findIndex(({ key, version }) => key === keyMarker && version.id === idMarker) + 1
  const page = all.slice(start, start + pageSize)
  const entries = page.map(({ key, version, index }) => {
    const about = `<Key>${encodeKey(key, query)}</Key><VersionId>${version.id}</VersionId><IsLatest>${index === 0}</IsLatest><LastModified>${version.modified.toISOString()}</LastModified>`
    if (version.isMarker) return `<DeleteMarker>${about}</DeleteMarker>`
    return `<Version>${about}<ETag>&quot;${version.etag}&quot;</ETag><Size>${version.body.length}</Size></Version>`
  })
  const last = page.at(-1)
  const isTruncated = start + page.length < all.length
  const next =
    isTruncated && last !== undefined
      ? `<NextKeyMarker>${encodeKey(last.key, query)}</NextKeyMarker><NextVersionIdMarker>${last.version.id}</NextVersionIdMarker>`
      : ""
  return xml(
    `<ListVersionsResult>${encodingOf(query)}<IsTruncated>${isTruncated}</IsTruncated>${next}${entries.join("")}</ListVersionsResult>`,
  )
}

/** Lists unfinished uploads. */
export function listUploads(bucket: SimulatedBucket, query: URLSearchParams): Answer {
  const prefix = query.get("prefix") ?? ""
  const uploads = [...bucket.uploads].filter(([, { key }]) => key.startsWith(prefix))
  const entries = uploads.map(
    ([id, { key }]) => `<Upload><Key>${encodeKey(key, query)}</Key><UploadId>${id}</UploadId></Upload>`,
  )
  return xml(
    `<ListMultipartUploadsResult>${encodingOf(query)}<IsTruncated>false</IsTruncated>${entries.join("")}</ListMultipartUploadsResult>`,
  )
}

function encodingOf(query: URLSearchParams): string {
  return query.get("encoding-type") === "url" ? "<EncodingType>url</EncodingType>" : ""
}

function encodeKey(key: string, query: URLSearchParams): string {
  return query.get("encoding-type") === "url"
    ? encodeURIComponent(key).replaceAll("%20", "+").replaceAll("%2F", "/")
    : escapeXml(key)
}

function escapeXml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;")
}

function isAfter(key: string, other: string): boolean {
  return Buffer.compare(Buffer.from(key), Buffer.from(other)) > 0
}
