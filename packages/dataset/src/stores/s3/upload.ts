/**
 * Sends one object to a bucket: in one call where it is small, else in parts as it is written.
 * @module
 */

import { createHash } from "node:crypto"
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  PutObjectCommand,
  UploadPartCommand,
} from "@aws-sdk/client-s3"
import { compact, DependencyError } from "@nightlight/core"
import type { FileDigest } from "@nightlight/durable"
import type { OutputFile } from "../../output/output.ts"
import { type Bucket, calling } from "./client.ts"
import type { ObjectHeaders } from "./head.ts"
import { plainEtag } from "./list.ts"

/** Where an object is sent, and what is said about it. */
export interface UploadTarget {
  readonly bucket: Bucket
  readonly key: string
  readonly metadata: Readonly<Record<string, string>>
  readonly headers: ObjectHeaders
}

/** What must hold for an object to be put in its place. */
export type PutCondition = { readonly IfNoneMatch: "*" } | { readonly IfMatch: string } | Record<never, never>

/** The object as the store must hold it. */
export interface SentObject {
  readonly sizeBytes: number
  /** MD5 of the bytes; of parts, MD5 of their MD5s, and their number. Without quotes. */
  readonly etag: string
  /** Lower-case hexadecimal. */
  readonly sha256: string
}

/** An object in its place, as the store names it. */
export interface PlacedObject {
  /** Without quotes; empty if the store did not say. */
  readonly etag: string
  /** Undefined where the bucket keeps no versions, or the store did not say. */
  readonly versionId: string | undefined
}

/** The store accepts smaller parts only as the last. */
const PART_BYTES = 8 * 2 ** 20
/** Parts grow, since an upload has at most 10,000. */
const PARTS_OF_ONE_SIZE = 1_000
const PARTS_AT_ONCE = 3

interface SentPart {
  readonly number: number
  readonly etag: string
  readonly md5: Buffer
  /** Base64; undefined where the store keeps no such checksums, and refuses an upload that names them. */
  readonly sha256: string | undefined
}

/** An object being written. Its bytes are in memory or in parts that nobody sees, until {@link S3Upload.put}. */
export class S3Upload implements OutputFile {
  readonly #target: UploadTarget
  readonly #hash = createHash("sha256")
  #pieces: Buffer[] = []
  #heldBytes = 0
  #sizeBytes = 0
  #uploadId: string | undefined
  readonly #sending = new Set<Promise<void>>()
  readonly #parts: SentPart[] = []
  #begun = 0
  #failure: unknown
  #sent: SentObject | undefined

  constructor(target: UploadTarget) {
    this.#target = target
  }

  get key(): string {
    return this.#target.key
  }

  get sizeBytes(): number {
    return this.#sizeBytes
  }

  /** Bytes that it keeps in memory. */
  get heldBytes(): number {
    return this.#heldBytes
  }

  async write(bytes: Uint8Array): Promise<void> {
    this.#hash.update(bytes)
    this.#sizeBytes += bytes.length
    let rest = bytes
    while (rest.length > 0) {
      const piece = Buffer.from(rest.subarray(0, this.#partBytes() - this.#heldBytes))
      rest = rest.subarray(piece.length)
      this.#pieces.push(piece)
      this.#heldBytes += piece.length
      if (this.#heldBytes === this.#partBytes()) await this.#sendPart()
    }
  }

  async finish(): Promise<FileDigest> {
    if (this.#uploadId !== undefined && this.#heldBytes > 0) await this.#sendPart()
    await Promise.all(this.#sending)
    if (this.#failure !== undefined) throw this.#failure
    const sha256 = this.#hash.digest("hex")
    this.#parts.sort((a, b) => a.number - b.number)
    const md5 = createHash("md5")
    if (this.#uploadId === undefined) for (const piece of this.#pieces) md5.update(piece)
    else for (const part of this.#parts) md5.update(part.md5)
    const suffix = this.#uploadId === undefined ? "" : `-${this.#parts.length}`
    this.#sent = { sizeBytes: this.#sizeBytes, etag: `${md5.digest("hex")}${suffix}`, sha256 }
    return { sizeBytes: this.#sizeBytes, sha256 }
  }

  /** Describes the finished object. */
  get sent(): SentObject {
    if (this.#sent === undefined) throw new TypeError("expected a finished upload")
    return this.#sent
  }

  /** Whether it is sent in parts. */
  get isMultipart(): boolean {
    return this.#uploadId !== undefined
  }

  /**
   * Puts the finished object in its place. May be called again after an error.
   *
   * @throws the client's error.
   */
  async put(condition: PutCondition): Promise<PlacedObject> {
    const { bucket, key, metadata, headers } = this.#target
    const place = { Bucket: bucket.name, Key: key }
    if (this.#uploadId === undefined) {
      const body = Buffer.concat(this.#pieces)
      const checks = checksumsOf(body)
      const input = { ...place, ...condition, ...checks, ...headers, Metadata: { ...metadata }, Body: body }
      return toPlaced(await bucket.client.send(new PutObjectCommand(input)))
    }
    const parts = this.#parts.map(({ number, etag, sha256 }) =>
      compact({ PartNumber: number, ETag: `"${etag}"`, ChecksumSHA256: sha256 }),
    )
    const input = { ...place, ...condition, UploadId: this.#uploadId, MultipartUpload: { Parts: parts } }
    return toPlaced(await bucket.client.send(new CompleteMultipartUploadCommand(input)))
  }

  /** Lets go of its bytes, once it is in its place. */
  release(): void {
    this.#pieces = []
    this.#heldBytes = 0
    this.#uploadId = undefined
  }

  /** Removes the parts of an upload that was not put in its place. */
  async [Symbol.asyncDispose](): Promise<void> {
    const uploadId = this.#uploadId
    await Promise.allSettled(this.#sending)
    this.release()
    if (uploadId !== undefined) await abortUpload(this.#target.bucket, this.#target.key, uploadId)
  }

  #partBytes(): number {
    return PART_BYTES * 2 ** Math.floor(this.#begun / PARTS_OF_ONE_SIZE)
  }

  async #sendPart(): Promise<void> {
    const { bucket, key, metadata, headers } = this.#target
    const body = Buffer.concat(this.#pieces)
    this.#pieces = []
    this.#heldBytes = 0
    if (this.#uploadId === undefined) {
      const input = {
        Bucket: bucket.name,
        Key: key,
        Metadata: { ...metadata },
        ChecksumAlgorithm: "SHA256" as const,
        ...headers,
      }
      const answer = await calling(bucket, "write", () => bucket.client.send(new CreateMultipartUploadCommand(input)))
      if (answer.UploadId === undefined) throw malformed()
      this.#uploadId = answer.UploadId
    }
    const number = ++this.#begun
    const place = { Bucket: bucket.name, Key: key, UploadId: this.#uploadId, PartNumber: number }
    const work = this.#send(place, body)
      .catch((error: unknown) => {
        this.#failure ??= error
      })
      .finally(() => this.#sending.delete(work))
    this.#sending.add(work)
    if (this.#sending.size >= PARTS_AT_ONCE) await Promise.race(this.#sending)
    if (this.#failure !== undefined) throw this.#failure
  }

  async #send(
    place: { readonly Bucket: string; readonly Key: string; readonly UploadId: string; readonly PartNumber: number },
    body: Buffer,
  ): Promise<void> {
    const { bucket } = this.#target
    const checks = checksumsOf(body)
    const command = new UploadPartCommand({ ...place, ...checks, Body: body })
    const answer = await calling(bucket, "write", () => bucket.client.send(command))
    if (answer.ETag === undefined) throw malformed()
    this.#parts.push({
      number: place.PartNumber,
      etag: plainEtag(answer.ETag),
      md5: Buffer.from(checks.ContentMD5, "base64"),
      sha256: answer.ChecksumSHA256,
    })
  }
}

/** Removes an upload that nobody will finish; what cannot be removed stays. */
export async function abortUpload(bucket: Bucket, key: string, uploadId: string): Promise<void> {
  const command = new AbortMultipartUploadCommand({ Bucket: bucket.name, Key: key, UploadId: uploadId })
  await bucket.client.send(command).catch(() => undefined)
}

function toPlaced(answer: {
  readonly ETag?: string | undefined
  readonly VersionId?: string | undefined
}): PlacedObject {
  return { etag: plainEtag(answer.ETag ?? ""), versionId: answer.VersionId }
}

/** With these the store refuses bytes that changed on their way. */
function checksumsOf(body: Buffer): { readonly ContentMD5: string; readonly ChecksumSHA256: string } {
  const of = (name: string) => createHash(name).update(body).digest("base64")
  return { ContentMD5: of("md5"), ChecksumSHA256: of("sha256") }
}

function malformed(): DependencyError {
  return new DependencyError("answer_malformed", "the object store's answer to an upload cannot be understood")
}
