/**
 * The objects of a simulated bucket, with their versions and unfinished uploads.
 * @module
 */
import { createHash, randomUUID } from "node:crypto"

/** One version of an object, or a marker that it was deleted. */
export interface Version {
  readonly id: string
  readonly isMarker: boolean
  readonly body: Buffer
  /** Without quotes. */
  readonly etag: string
  readonly modified: Date
  readonly metadata: Readonly<Record<string, string>>
  /** Base64; of a multipart upload with its number of parts. */
  readonly sha256: string | undefined
  /** Whether a lock keeps it from being deleted. */
  isLocked: boolean
}

/** A part of an unfinished upload. */
export interface Part {
  readonly body: Buffer
  readonly md5: Buffer
  readonly sha256: Buffer
}

/** An unfinished upload. */
export interface Upload {
  readonly key: string
  readonly metadata: Readonly<Record<string, string>>
  readonly parts: Map<number, Part>
}

/** The state of one bucket. */
export class SimulatedBucket {
  /** Versions by key, the newest last. */
  readonly objects: Map<string, Version[]> = new Map()
  readonly uploads: Map<string, Upload> = new Map()
  isVersioned: boolean
  /** Whether ETags say nothing about the bytes, as with encryption by a key service. */
  hasOpaqueEtags = false

  constructor({ isVersioned }: { readonly isVersioned: boolean }) {
    this.isVersioned = isVersioned
  }

  /** Keys with any version, in the order of their bytes. */
  keys(): readonly string[] {
    return [...this.objects.keys()].toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
  }

  /** The current version; undefined if there is none, or it was deleted. */
  current(key: string): Version | undefined {
    const newest = this.objects.get(key)?.at(-1)
    return newest?.isMarker === true ? undefined : newest
  }

  /** Puts an object as another client would: without conditions. */
  put(
    key: string,
    content: string | Uint8Array,
    { metadata = {}, etag, sha256 }: Partial<Pick<Version, "metadata" | "etag" | "sha256">> = {},
  ): Version {
    const body = Buffer.from(content as string)
    const id = this.isVersioned ? randomUUID() : "null"
    const version = {
      id,
      isMarker: false,
      body,
      etag: this.hasOpaqueEtags ? randomUUID() : (etag ?? createHash("md5").update(body).digest("hex")),
      modified: new Date(),
      metadata,
      sha256,
      isLocked: false,
    }
    this.#add(key, version)
    return version
  }

  /** Deletes an object: leaves a marker where there are versions. */
  remove(key: string): Version | undefined {
    if (!this.isVersioned) {
      this.objects.delete(key)
      return undefined
    }
    const none = { body: Buffer.alloc(0), etag: "", metadata: {}, sha256: undefined, isLocked: false }
    const marker = { ...none, id: randomUUID(), isMarker: true, modified: new Date() }
    this.#add(key, marker)
    return marker
  }

  /** Deletes one version for good. Returns false if a lock keeps it. */
  removeVersion(key: string, id: string): boolean {
    const versions = this.objects.get(key) ?? []
    if (versions.some((version) => version.id === id && version.isLocked)) return false
    const left = versions.filter((version) => version.id !== id)
    if (left.length === 0) this.objects.delete(key)
    else this.objects.set(key, left)
    return true
  }

  /** The bytes of current objects by key. */
  contents(): Readonly<Record<string, Buffer>> {
    return Object.fromEntries(
      this.keys().flatMap((key) => {
        const version = this.current(key)
        return version === undefined ? [] : [[key, version.body] as const]
      }),
    )
  }

  #add(key: string, version: Version): void {
    const earlier = (this.objects.get(key) ?? []).filter(({ id }) => id !== "null" || version.id !== "null")
    this.objects.set(key, [...earlier, version])
  }
}
