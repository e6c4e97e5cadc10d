/**
 * The objects of a bucket below a prefix.
 * @module
 */
import type { ListedFile } from "../../readers/listing.ts"
import { remoteStore } from "../remote-store.ts"
import type { DatasetStore } from "../store.ts"
import type { Bucket } from "./client.ts"
import { s3Editor } from "./editor.ts"
import { keyOf } from "./key.ts"
import { rangesOf } from "./read.ts"

/** The objects below a prefix. @param rootKey - Without a slash at its end; empty for the whole bucket. */
export function s3Store(bucket: Bucket, rootKey: string): DatasetStore {
  return remoteStore((file) => rangesOf(bucket, pinned(rootKey, file)), { editor: s3Editor(bucket, rootKey) })
}

function pinned(rootKey: string, { path, sizeBytes, version = "" }: ListedFile) {
  return { key: keyOf(rootKey, path), sizeBytes, etag: version }
}
