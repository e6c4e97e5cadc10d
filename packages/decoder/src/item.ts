import { hash } from "node:crypto"
import { stat } from "node:fs/promises"
import type { Fingerprint, InconclusiveCause } from "@nightlight/core"
import { DIGEST_BYTES_PER_SECOND } from "./limits.ts"
import type { DecodeSource } from "./source.ts"

/** One item in the pool. */
export class Item {
  readonly id: number
  readonly source: DecodeSource
  readonly fingerprint: Promise<Fingerprint>
  /**
   * Whether it was being processed when a child died: it then runs alone, and its digests are reported before it is
   * decoded.
   */
  isSuspect = false
  /** Milliseconds of its time that are used up because it, or an item beside it, held up a child that was ended. */
  spentMs = 0
  #resolve: (fingerprint: Fingerprint) => void = () => {}
  #reject: (reason: unknown) => void = () => {}
  #isDone = false
  #known: Fingerprint | undefined
  #extraMs: number | undefined
  #stopListening = () => {}
  readonly #onDone: () => void

  /** @param onDone - called once, when it has its fingerprint or failed. */
  constructor(id: number, source: DecodeSource, onDone: () => void) {
    this.id = id
    this.#onDone = onDone
    this.source = source
    this.fingerprint = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
    const sizeBytes = sizeOf(source)
    if (sizeBytes !== undefined) this.#extraMs = extraMsOf(sizeBytes)
  }

  get isDone(): boolean {
    return this.#isDone
  }

  /** Rejects the item with the signal's reason when it aborts first. */
  listen(signal: AbortSignal): void {
    const abort = () => this.fail(signal.reason)
    signal.addEventListener("abort", abort, { once: true })
    this.#stopListening = () => signal.removeEventListener("abort", abort)
  }

  /** Keeps a child's early answer. */
  learn(known: Fingerprint): void {
    this.#known = known
  }

  finish(fingerprint: Fingerprint): void {
    this.#settle(() => this.#resolve(fingerprint))
  }

  fail(reason: unknown): void {
    this.#settle(() => this.#reject(reason))
  }

  /**
   * Ends the item without pixels. Digests are those that a child reported or those of bytes in memory; otherwise empty.
   */
  conclude(cause: InconclusiveCause): void {
    const known = this.#known ?? {
      ...unread(this.source),
      mediaType: "application/octet-stream",
      kind: "unknown" as const,
    }
    this.finish({ ...known, inconclusive: cause })
  }

  /**
   * Milliseconds that the item may take beyond the limit because of its size. The first call requests a file's size;
   * `undefined` until it is known.
   */
  extraMs(): number | undefined {
    if (this.#extraMs === undefined && this.source.kind === "file") {
      stat(this.source.path).then(
        ({ size }) => {
          this.#extraMs = extraMsOf(size)
        },
        () => {
          this.#extraMs = 0
        },
      )
    }
    return this.#extraMs
  }

  #settle(action: () => void): void {
    if (this.#isDone) return
    this.#isDone = true
    this.#stopListening()
    action()
    this.#onDone()
  }
}

function extraMsOf(sizeBytes: number): number {
  return Math.floor(sizeBytes / DIGEST_BYTES_PER_SECOND) * 1000
}

function sizeOf(source: DecodeSource): number | undefined {
  switch (source.kind) {
    case "bytes":
      return source.bytes.length
    case "range":
    case "stream":
      return source.length
    case "file":
      return undefined
    default:
      return source satisfies never
  }
}

function unread(source: DecodeSource): Pick<Fingerprint, "sizeBytes" | "md5" | "sha1" | "sha256"> {
  if (source.kind !== "bytes") return { sizeBytes: sizeOf(source) ?? 0, md5: "", sha1: "", sha256: "" }
  const { bytes } = source
  return { sizeBytes: bytes.length, md5: hash("md5", bytes), sha1: hash("sha1", bytes), sha256: hash("sha256", bytes) }
}
