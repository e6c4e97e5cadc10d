/**
 * Calls on one object of the simulated store.
 * @module
 */
import { createHash, randomUUID } from "node:crypto"
import type { IncomingHttpHeaders } from "node:http"
import { type Answer, failure, xml } from "./answers.ts"
import type { SimulatedBucket, Version } from "./bucket.ts"

/** A call on an object. */
export interface ObjectCall {
  readonly method: string
  readonly key: string
  readonly query: URLSearchParams
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

/**
 * How the store treats `If-Match` and `If-None-Match` of puts. One that refuses them is like OpenStack Swift in other
 * ways too: it keeps no checksums, and an upload in parts meets no `If-Match`.
 */
export type Conditions = "enforced" | "refused" | "ignored"

const MIN_PART_BYTES = 5 * 2 ** 20

/** Answers a call on an object. */
export function answerObject(bucket: SimulatedBucket, call: ObjectCall, conditions: Conditions): Answer {
  const { method, query, key } = call
  const uploadId = query.get("uploadId")
  if (method === "POST" && query.has("uploads")) return createUpload(bucket, call)
  if (uploadId !== null && !bucket.uploads.has(uploadId)) return failure(404, "NoSuchUpload", key)
  if (method === "POST" && uploadId !== null) return completeUpload(bucket, call, conditions)
  if (method === "PUT" && uploadId !== null) return putPart(bucket, call, conditions)
  if (method === "PUT") return putObject(bucket, call, conditions)
  if (method === "DELETE" && uploadId !== null) {
    bucket.uploads.delete(uploadId)
    return { status: 204 }
  }
  if (method === "DELETE") return deleteObject(bucket, call)
  return getObject(bucket, call)
}

function getObject(bucket: SimulatedBucket, { method, key, query, headers }: ObjectCall): Answer {
  const id = query.get("versionId")
  const version = id === null ? bucket.current(key) : bucket.objects.get(key)?.find((each) => each.id === id)
  if (version === undefined || version.isMarker) return failure(404, "NoSuchKey", key)
  const about = aboutVersion(bucket, version)
  const wanted = headers["if-match"]
  if (wanted !== undefined && wanted !== `"${version.etag}"`) return failure(412, "PreconditionFailed", key)
  if (method === "HEAD") return { status: 200, headers: { ...about, "content-length": String(version.body.length) } }
  const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(headers.range ?? "") ?? []
  if (first === undefined || last === undefined) return { status: 200, headers: about, body: version.body }
  if (Number(first) >= version.body.length) return failure(416, "InvalidRange", key)
  const body = version.body.subarray(Number(first), Number(last) + 1)
  const range = `bytes ${first}-${Number(first) + body.length - 1}/${version.body.length}`
  return { status: 206, headers: { ...about, "content-range": range }, body }
}

function putObject(bucket: SimulatedBucket, call: ObjectCall, conditions: Conditions): Answer {
  const { key, body, headers } = call
  const fault = conditionFault(bucket, call, conditions) ?? checksumFault(call)
  if (fault !== undefined) return fault
  const sha256 = headers["x-amz-checksum-sha256"] as string | undefined
  const version = bucket.put(key, body, { metadata: metadataOf(headers), sha256 })
  return { status: 200, headers: aboutVersion(bucket, version) }
}

function deleteObject(bucket: SimulatedBucket, { key, query }: ObjectCall): Answer {
  const id = query.get("versionId")
  if (id === null) {
    const marker = bucket.remove(key)
    if (marker === undefined) return { status: 204 }
    return { status: 204, headers: { "x-amz-delete-marker": "true", "x-amz-version-id": marker.id } }
  }
  return bucket.removeVersion(key, id) ? { status: 204 } : failure(403, "AccessDenied", key)
}

function createUpload(bucket: SimulatedBucket, { key, headers }: ObjectCall): Answer {
  const id = randomUUID()
  bucket.uploads.set(id, { key, metadata: metadataOf(headers), parts: new Map() })
  return xml(`<InitiateMultipartUploadResult><UploadId>${id}</UploadId></InitiateMultipartUploadResult>`)
}

function putPart(bucket: SimulatedBucket, call: ObjectCall, conditions: Conditions): Answer {
  const fault = checksumFault(call)
  if (fault !== undefined) return fault
  const { query, body } = call
  const part = { body, md5: digest("md5", body), sha256: digest("sha256", body) }
  bucket.uploads.get(query.get("uploadId") ?? "")?.parts.set(Number(query.get("partNumber")), part)
  const etag = `"${part.md5.toString("hex")}"`
  if (conditions === "refused") return { status: 200, headers: { etag } }
  return { status: 200, headers: { etag, "x-amz-checksum-sha256": part.sha256.toString("base64") } }
}

function completeUpload(bucket: SimulatedBucket, call: ObjectCall, conditions: Conditions): Answer {
  const { key, query, body, headers } = call
  const isLikeSwift = conditions === "refused"
  if (isLikeSwift && headers["if-match"] !== undefined) return failure(412, "PreconditionFailed", key)
  if (isLikeSwift && body.includes("Checksum")) return failure(400, "MalformedXML", key)
  const fault = conditionFault(bucket, call, isLikeSwift ? "ignored" : conditions)
  if (fault !== undefined) return fault
  const id = query.get("uploadId") ?? ""
  const upload = bucket.uploads.get(id)
  const named = [...body.toString().matchAll(/<Part>(.*?)<\/Part>/gs)].map(([, text = ""]) => ({
    number: Number(/<PartNumber>(\d+)</.exec(text)?.[1]),
    etag: /<ETag>(?:&quot;|")?([0-9a-f]+)/.exec(text)?.[1],
    sha256: /<ChecksumSHA256>([^<]+)</.exec(text)?.[1],
  }))
  const parts = named.map(({ number, etag, sha256 }) => {
    const part = upload?.parts.get(number)
    const isSame = isLikeSwift || part?.sha256.toString("base64") === sha256
    return isSame && part?.md5.toString("hex") === etag ? part : undefined
  })
  if (upload === undefined || parts.length === 0 || parts.includes(undefined)) return failure(400, "InvalidPart", key)
  const whole = parts.flatMap((part) => part ?? [])
  if (whole.slice(0, -1).some((part) => part.body.length < MIN_PART_BYTES)) return failure(400, "EntityTooSmall", key)
  bucket.uploads.delete(id)
  const of = (name: "md5" | "sha256") => digest(name, Buffer.concat(whole.map((part) => part[name])))
  const version = bucket.put(key, Buffer.concat(whole.map((part) => part.body)), {
    metadata: upload.metadata,
    etag: `${of("md5").toString("hex")}-${whole.length}`,
    sha256: `${of("sha256").toString("base64")}-${whole.length}`,
  })
  const answer = `<CompleteMultipartUploadResult><ETag>&quot;${version.etag}&quot;</ETag></CompleteMultipartUploadResult>`
  return xml(answer, versionHeader(bucket, version))
}

function conditionFault(
  bucket: SimulatedBucket,
  { key, headers }: ObjectCall,
  conditions: Conditions,
): Answer | undefined {
  const [absent, match] = [headers["if-none-match"], headers["if-match"]]
  if (absent === undefined && match === undefined) return undefined
  if (conditions === "ignored") return undefined
  if (conditions === "refused") return failure(501, "NotImplemented", key)
  const current = bucket.current(key)
  if (absent === "*" && current !== undefined) return failure(412, "PreconditionFailed", key)
  if (match !== undefined && current === undefined) return failure(404, "NoSuchKey", key)
  if (match !== undefined && match !== `"${current?.etag}"`) return failure(412, "PreconditionFailed", key)
  return undefined
}

function checksumFault({ key, headers, body }: ObjectCall): Answer | undefined {
  const md5 = headers["content-md5"]
  if (md5 !== undefined && md5 !== digest("md5", body).toString("base64")) return failure(400, "BadDigest", key)
  const sha256 = headers["x-amz-checksum-sha256"]
  if (sha256 !== undefined && sha256 !== digest("sha256", body).toString("base64"))
    return failure(400, "BadDigest", key)
  return undefined
}

function aboutVersion(bucket: SimulatedBucket, version: Version): Record<string, string> {
  return {
    etag: `"${version.etag}"`,
    "last-modified": version.modified.toUTCString(),
    ...Object.fromEntries(Object.entries(version.metadata).map(([name, value]) => [`x-amz-meta-${name}`, value])),
    ...versionHeader(bucket, version),
  }
}

function versionHeader({ isVersioned }: SimulatedBucket, { id }: Version): Record<string, string> {
  return isVersioned ? { "x-amz-version-id": id } : {}
}

function metadataOf(headers: IncomingHttpHeaders): Record<string, string> {
  const prefix = "x-amz-meta-"
  const named = Object.entries(headers).filter(([name]) => name.startsWith(prefix))
  return Object.fromEntries(named.map(([name, value]) => [name.slice(prefix.length), String(value)]))
}

function digest(name: "md5" | "sha256", bytes: Buffer): Buffer {
  return createHash(name).update(bytes).digest()
}
