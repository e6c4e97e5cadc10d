import { ListMultipartUploadsCommand } from "@aws-sdk/client-s3"
import { type Bucket, calling } from "./client.ts"
import { isDenied, isNotImplemented } from "./errors.ts"
import { decodeKey } from "./list.ts"

/** Lists the ids of unfinished uploads by key, as far as the store and the credentials allow it. */
export async function listUploads(bucket: Bucket, prefix: string): Promise<ReadonlyMap<string, readonly string[]>> {
  const uploads = new Map<string, string[]>()
  let marker: { readonly KeyMarker: string; readonly UploadIdMarker: string } | undefined
  for (;;) {
    const input = { Bucket: bucket.name, Prefix: prefix, EncodingType: "url" as const, ...marker }
    const page = await calling(
      bucket,
      "list",
      () => bucket.client.send(new ListMultipartUploadsCommand(input)),
      (error) => isDenied(error) || isNotImplemented(error),
    ).catch((error: unknown) => {
      if (isDenied(error) || isNotImplemented(error)) return undefined
      throw error
    })
    for (const { Key, UploadId } of page?.Uploads ?? []) {
      if (Key === undefined || UploadId === undefined) continue
      const key = page?.EncodingType === "url" ? decodeKey(Key) : Key
      uploads.set(key, [...(uploads.get(key) ?? []), UploadId])
    }
    const { IsTruncated, NextKeyMarker = "", NextUploadIdMarker = "" } = page ?? {}
    if (IsTruncated !== true || (marker?.KeyMarker === NextKeyMarker && marker.UploadIdMarker === NextUploadIdMarker)) {
      return uploads
    }
    marker = { KeyMarker: NextKeyMarker, UploadIdMarker: NextUploadIdMarker }
  }
}
