/**
 * Asks for an object's size, version and metadata.
 * @module
 */
import { HeadObjectCommand } from "@aws-sdk/client-s3"
import { compact } from "@nightlight/core"
import { type Bucket, calling } from "./client.ts"
import { isAbsent } from "./errors.ts"
import { plainEtag } from "./list.ts"

/** An object as it is now. */
export interface ObjectHead {
  readonly sizeBytes: number
  /** Without quotes. */
  readonly etag: string
  /** Present where the bucket keeps versions. */
  readonly versionId?: string
  readonly metadata: Readonly<Record<string, string>>
  /** What a reader is told about the content, and how it is kept. */
  readonly headers: ObjectHeaders
}

/** Headers that a replacement of an object takes over. */
export interface ObjectHeaders {
  readonly ContentType?: string
  readonly ContentEncoding?: string
  readonly ContentLanguage?: string
  readonly ContentDisposition?: string
  readonly CacheControl?: string
}

/** Describes an object; undefined if there is none. @throws {RequestError} `forbidden`; {DependencyError} `unavailable`. */
export async function headObject(bucket: Bucket, key: string): Promise<ObjectHead | undefined> {
  const command = new HeadObjectCommand({ Bucket: bucket.name, Key: key })
  const answer = await calling(bucket, "read", () => bucket.client.send(command), isAbsent).catch((error: unknown) => {
    if (isAbsent(error)) return undefined
    throw error
  })
  if (answer === undefined) return undefined
  const { ContentType, ContentEncoding, ContentLanguage, ContentDisposition, CacheControl } = answer
  return compact({
    sizeBytes: answer.ContentLength ?? 0,
    etag: plainEtag(answer.ETag ?? ""),
    versionId: answer.VersionId,
    metadata: answer.Metadata ?? {},
    headers: compact({ ContentType, ContentEncoding, ContentLanguage, ContentDisposition, CacheControl }),
  })
}
