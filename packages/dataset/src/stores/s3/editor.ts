/**
 * Changes a bucket's objects in place, for a purge.
 * @module
 */
import { RequestError } from "@nightlight/core"
import type { CopiedFile } from "../../output/copied-files.ts"
import type { CleanOutput, OutputFile, ShardPlace } from "../../output/output.ts"
import { sourceChanged } from "../../readers/source-changed.ts"
import type { DatasetEditor } from "../store.ts"
import type { Bucket } from "./client.ts"
import { headObject, type ObjectHead } from "./head.ts"
import { keyOf } from "./key.ts"
import { listUploads } from "./list-uploads.ts"
import { putObject } from "./put-object.ts"
import { abortUpload, S3Upload } from "./upload.ts"
import { removeAllVersions, removeOlderVersions } from "./versions.ts"

/** The editor of the objects below a prefix. @param rootKey - Without a slash at its end; empty for the whole bucket. */
export function s3Editor(bucket: Bucket, rootKey: string): DatasetEditor {
  /** ETags of what was put in place of the planned objects, by key. */
  const replaced = new Map<string, string>()
  return {
    removeLeftovers: async () => {},
    replacement: () => replacement(bucket, rootKey, replaced),
    async removeEarlierVersions({ path, version = "" }) {
      const key = keyOf(rootKey, path)
      await removeOlderVersions(bucket, key, replaced.get(key) ?? version)
    },
    remove: ({ path, version = "" }) => removeAllVersions(bucket, keyOf(rootKey, path), version),
  }
}

/** Writes the shard's file again as an object with the same metadata, which replaces the planned one only. */
function replacement(bucket: Bucket, rootKey: string, replaced: Map<string, string>): ShardPlace {
  return {
    async open({ listing }) {
      const [file] = listing.files
      if (file === undefined) throw new RequestError("state_conflict", "expected a shard with a file")
      const key = keyOf(rootKey, file.path)
      const planned = await headObject(bucket, key)
      if (planned === undefined || planned.etag !== file.version) throw sourceChanged()
      // What a killed purge sent of it.
      for (const uploadId of (await listUploads(bucket, key)).get(key) ?? []) await abortUpload(bucket, key, uploadId)
      return new Replacement(bucket, { key, planned, onPut: (etag) => replaced.set(key, etag) })
    },
  }
}

interface Replaced {
  readonly key: string
  readonly planned: ObjectHead
  readonly onPut: (etag: string) => void
}

class Replacement implements CleanOutput {
  readonly #bucket: Bucket
  readonly #to: Replaced
  #upload: S3Upload | undefined

  constructor(bucket: Bucket, to: Replaced) {
    this.#bucket = bucket
    this.#to = to
  }

  async begin(): Promise<OutputFile> {
    const { key, planned } = this.#to
    if (this.#upload !== undefined) throw new RequestError("state_conflict", "expected one file of a packed shard")
    const { metadata, headers } = planned
    this.#upload = new S3Upload({ bucket: this.#bucket, key, metadata, headers })
    return this.#upload
  }

  async existing(): Promise<(path: Buffer) => boolean> {
    return () => false
  }

  async openCopied(): Promise<undefined> {
    return undefined
  }

  stampsOf(): readonly CopiedFile[] {
    return []
  }

  async publish(): Promise<boolean> {
    const { planned, onPut } = this.#to
    const upload = this.#upload
    if (upload === undefined) return false
    const conditionFor = (existing: ObjectHead | undefined) => {
      if (existing?.etag !== planned.etag) throw sourceChanged()
      return { IfMatch: `"${planned.etag}"` }
    }
    // Nothing is known of the store, so it is asked before and after.
    const { etag } = await putObject(this.#bucket, upload, { conditionalWrites: "ignored", conditionFor })
    upload.release()
    onPut(etag)
    return false
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#upload?.[Symbol.asyncDispose]()
  }
}
