/**
 * Output to a prefix of a bucket.
 * @module
 */
import { DeleteObjectCommand } from "@aws-sdk/client-s3"
import { compact, DependencyError, RequestError } from "@nightlight/core"
import type { CopiedFile } from "../../output/copied-files.ts"
import type { CleanOutput, ConditionalWrites, OutputFile, OutputPlace, WrittenFile } from "../../output/output.ts"
import type { RandomSource } from "../../readers/source.ts"
import { assertApartFrom, parseS3Address } from "../address.ts"
import { openBlocks } from "../block-source.ts"
import { inOrder } from "../in-order.ts"
import { type Bucket, calling, openBucket } from "./client.ts"
import { headObject, type ObjectHead } from "./head.ts"
import { keyOf } from "./key.ts"
import { listObjects } from "./list.ts"
import { listUploads } from "./list-uploads.ts"
import { PROBE_NAME, probeConditionalWrites } from "./probe.ts"
import { putObject } from "./put-object.ts"
import { rangesOf } from "./read.ts"
import { isPrefixReservedFor, isReservation, releasePrefix, reservePrefix } from "./reservation.ts"
import type { S3Settings } from "./settings.ts"
import { abortUpload, type PlacedObject, S3Upload } from "./upload.ts"

/** Marks an object with the scan that wrote it. */
const OWNER = "nightlight-scan"

/** Bytes of finished objects that are held until their shard is published; what is beyond is put at once. */
const HELD_BYTES = 64 * 2 ** 20
const PUTS_AT_ONCE = 8

/** What is known of an output before this run writes to it. */
interface Prepared {
  readonly bucket: Bucket
  readonly conditionalWrites: ConditionalWrites
  /** Keys that were there. */
  readonly earlier: Set<string>
  /** Unfinished uploads by key. */
  readonly uploads: ReadonlyMap<string, readonly string[]>
}

/**
 * A prefix that shards are written to.
 *
 * @param address - Such as `s3://bucket/prefix`.
 * @param owner - Identifies a workspace's scan with this output: it replaces what is its own, and nothing else.
 */
export function s3Output(address: string, settings: S3Settings, owner: string): OutputPlace {
  const { bucket: name, key: prefix } = parseS3Address(address)
  const folder = prefix === "" ? "" : `${prefix}/`
  let opening: Promise<Bucket> | undefined
  const bucketOnce = () => {
    opening ??= openBucket(name, settings)
    return opening
  }
  let preparing: Promise<Prepared> | undefined
  let conditionalWrites: ConditionalWrites | undefined
  const prepareOnce = async () => {
    preparing ??= bucketOnce().then((bucket) => prepare(bucket, folder))
    const prepared = await preparing.catch((error: unknown) => {
      preparing = undefined
      throw error
    })
    conditionalWrites = prepared.conditionalWrites
    return prepared
  }
  return {
    get conditionalWrites() {
      return conditionalWrites
    },
    // Conditional puts keep others away, object by object: a claim would have to be broken after a kill.
    claim: async () => ({ [Symbol.asyncDispose]: async () => {} }),
    removeLeftClaim: async () => {},
    reserve: async (plan) => await reservePrefix(await bucketOnce(), folder, plan),
    isReservedFor: async (plan) => await isPrefixReservedFor(await bucketOnce(), folder, plan),
    release: async (plan) => await releasePrefix(await bucketOnce(), folder, plan),
    async isEmpty() {
      for await (const { key } of listObjects(await bucketOnce(), folder, new AbortController().signal)) {
        if (!isProbe(key)) return false
      }
      return true
    },
    async *files(signal) {
      for await (const { key, sizeBytes, etag } of listObjects(await bucketOnce(), folder, signal)) {
        if (!isProbe(key) && !isReservation(key))
          yield { path: Buffer.from(key.slice(folder.length)), sizeBytes, version: etag }
      }
    },
    async remove(paths) {
      const bucket = await bucketOnce()
      await inOrder(paths, PUTS_AT_ONCE, async (path) => {
        const key = keyOf(prefix, path)
        const existing = await headObject(bucket, key)
        if (existing !== undefined && isOwn(existing, owner)) await removeObject(bucket, key, existing.versionId)
      })
    },
    async open({ listing }) {
      assertApartFrom(listing.sources, address)
      const prepared = await prepareOnce()
      const { bucket, earlier, uploads } = prepared
      const keys = [...listing.files, ...listing.sidecars].map(({ path }) => keyOf(prefix, path))
      for (const key of keys) {
        for (const upload of uploads.get(key) ?? []) await abortUpload(bucket, key, upload)
        if (earlier.delete(key)) await removeOwn(bucket, key, owner)
      }
      return new S3Output({ prepared, prefix, owner })
    },
  }
}

/** @param folder - The output's prefix with its slash; empty for the whole bucket. */
async function prepare(bucket: Bucket, folder: string): Promise<Prepared> {
  const { signal } = new AbortController()
  const earlier = new Set<string>()
  for await (const { key } of listObjects(bucket, folder, signal)) earlier.add(key)
  const uploads = await listUploads(bucket, folder)
  return { bucket, conditionalWrites: await probeConditionalWrites(bucket, folder), earlier, uploads }
}

/** Removes what this scan wrote to a place; a place with something else is refused. */
async function removeOwn(bucket: Bucket, key: string, owner: string): Promise<void> {
  for (let existing = await headObject(bucket, key); existing !== undefined; existing = await headObject(bucket, key)) {
    assertOwn(existing, owner)
    await removeObject(bucket, key, existing.versionId)
  }
}

async function removeObject(bucket: Bucket, key: string, versionId: string | undefined): Promise<void> {
  const command = new DeleteObjectCommand(compact({ Bucket: bucket.name, Key: key, VersionId: versionId }))
  await calling(bucket, "delete", () => bucket.client.send(command))
}

function isOwn({ metadata }: ObjectHead, owner: string): boolean {
  return metadata[OWNER] === owner
}

function assertOwn(existing: ObjectHead, owner: string): void {
  if (isOwn(existing, owner)) return
  throw new RequestError("output_conflict", "another scan or program wrote to the same place in the output's bucket", {
    hint: "A clean copy needs a prefix of its own: choose a new one for --out.",
  })
}

class S3Output implements CleanOutput {
  readonly #prepared: Prepared
  readonly #prefix: string
  readonly #owner: string
  readonly #begun: S3Upload[] = []
  readonly #uploads = new Map<OutputFile, S3Upload>()
  readonly #placed = new Map<S3Upload, PlacedObject>()
  #isPublished = false

  constructor({
    prepared,
    prefix,
    owner,
  }: { readonly prepared: Prepared; readonly prefix: string; readonly owner: string }) {
    this.#prepared = prepared
    this.#prefix = prefix
    this.#owner = owner
  }

  async begin(path: Buffer): Promise<OutputFile> {
    const { bucket } = this.#prepared
    const key = outputKey(this.#prefix, path)
    const upload = new S3Upload({ bucket, key, metadata: { [OWNER]: this.#owner }, headers: {} })
    this.#begun.push(upload)
    const finish = async () => {
      const digest = await upload.finish()
      const heldBytes = this.#begun.reduce((sum, each) => sum + each.heldBytes, 0)
      if (!upload.isMultipart && heldBytes > HELD_BYTES) await this.#put(upload)
      return digest
    }
    const made: OutputFile = {
      get sizeBytes() {
        return upload.sizeBytes
      },
      write: (bytes) => upload.write(bytes),
      finish,
      [Symbol.asyncDispose]: () => upload[Symbol.asyncDispose](),
    }
    this.#uploads.set(made, upload)
    return made
  }

  async existing(): Promise<(path: Buffer) => boolean> {
    const keys = new Set<string>()
    const prefix = this.#prefix === "" ? "" : `${this.#prefix}/`
    for await (const { key } of listObjects(this.#prepared.bucket, prefix, new AbortController().signal)) keys.add(key)
    return (path) => keys.has(keyOf(this.#prefix, path))
  }

  async openCopied(path: Buffer): Promise<(RandomSource & Disposable) | undefined> {
    const { bucket } = this.#prepared
    const key = keyOf(this.#prefix, path)
    const head = await headObject(bucket, key)
    return head && openBlocks(head.sizeBytes, rangesOf(bucket, { key, sizeBytes: head.sizeBytes, etag: head.etag }))
  }

  stampsOf(written: readonly WrittenFile[]): readonly CopiedFile[] {
    return written.map(({ path, made }) => {
      const upload = this.#uploads.get(made)
      if (upload === undefined) throw new TypeError("expected a file of this output")
      const { sizeBytes, etag } = upload.sent
      return { path, sizeBytes, version: this.#placed.get(upload)?.etag ?? etag }
    })
  }

  async publish(written: readonly WrittenFile[]): Promise<boolean> {
    const before = this.stampsOf(written)
    const waiting = this.#begun.filter((upload) => !this.#placed.has(upload))
    await inOrder(waiting, PUTS_AT_ONCE, (upload) => this.#put(upload))
    this.#isPublished = true
    const after = this.stampsOf(written)
    return after.some(({ version }, index) => version !== before[index]?.version)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const upload of this.#begun) {
      await upload[Symbol.asyncDispose]()
      const placed = this.#isPublished ? undefined : this.#placed.get(upload)
      if (placed === undefined) continue
      // Its shard failed: it may not stay. What cannot be removed now is removed by the next run.
      await removeObject(this.#prepared.bucket, upload.key, placed.versionId).catch(() => undefined)
    }
  }

  async #put(upload: S3Upload): Promise<void> {
    const { bucket, conditionalWrites } = this.#prepared
    const conditionFor = (existing: ObjectHead | undefined) => {
      if (existing === undefined) return { IfNoneMatch: "*" } as const
      assertOwn(existing, this.#owner)
      return { IfMatch: `"${existing.etag}"` }
    }
    this.#placed.set(upload, await putObject(bucket, upload, { conditionalWrites, conditionFor }))
    upload.release()
  }
}

function outputKey(prefix: string, path: Buffer): string {
  const key = keyOf(prefix, path)
  if (key.isWellFormed()) return key
  throw new DependencyError("write_failed", "a file's name is not UTF-8, so no object can have it", {
    hint: "Rename the file, or write the clean copy to a folder.",
  })
}

/** Whether a key is that of an object that a probe left. */
function isProbe(key: string): boolean {
  return key.slice(key.lastIndexOf("/") + 1).startsWith(PROBE_NAME)
}
