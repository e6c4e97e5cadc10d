/**
 * Lists a bucket's objects.
 * @module
 */
import { ListObjectsV2Command } from "@aws-sdk/client-s3"
import { compact, DependencyError } from "@nightlight/core"
import { type Bucket, calling } from "./client.ts"

/** An object as a listing names it. */
export interface ListedObject {
  readonly key: string
  readonly sizeBytes: number
  readonly modifiedMs: number
  /** Without quotes. */
  readonly etag: string
}

/**
 * Lists the objects whose keys begin with a prefix, page by page.
 *
 * @param prefix - Empty for all.
 * @throws {RequestError} `unauthenticated`, `forbidden`, `not_found`; {DependencyError} `unavailable`,
 * `answer_malformed`.
 */
export async function* listObjects(
  bucket: Bucket,
  prefix: string,
  signal: AbortSignal,
): AsyncGenerator<ListedObject, void> {
  let token: string | undefined
  do {
    const input = compact({
      Bucket: bucket.name,
      Prefix: prefix,
      ContinuationToken: token,
      EncodingType: "url" as const,
    })
    const page = await calling(bucket, "list", () =>
      bucket.client.send(new ListObjectsV2Command(input), { abortSignal: signal }),
    )
    for (const { Key, Size, LastModified, ETag } of page.Contents ?? []) {
      if (Key === undefined || ETag === undefined || Size === undefined) throw malformed()
      const key = page.EncodingType === "url" ? decodeKey(Key) : Key
      if (!key.startsWith(prefix)) throw malformed()
      yield { key, sizeBytes: Size, modifiedMs: LastModified?.getTime() ?? 0, etag: plainEtag(ETag) }
    }
    // A store that repeats its token would be listed for ever.
    if (page.IsTruncated === true && (page.NextContinuationToken ?? token) === token) throw malformed()
    token = page.IsTruncated === true ? page.NextContinuationToken : undefined
  } while (token !== undefined)
}

/** Undoes the encoding of keys in listings, where a space is a plus. */
export function decodeKey(encoded: string): string {
  try {
    return decodeURIComponent(encoded.replaceAll("+", "%20"))
  } catch {
    throw malformed()
  }
}

/** An ETag without its quotes. */
export function plainEtag(etag: string): string {
  return etag.replace(/^"(.*)"$/s, "$1")
}

function malformed(): DependencyError {
  return new DependencyError("answer_malformed", "the object store's listing cannot be understood")
}
