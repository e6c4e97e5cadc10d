import { createHash } from "node:crypto"
import type { InconclusiveCause, PictureView, SniffedMedia } from "@nightlight/core"
import { compact } from "@nightlight/core"
import { mayHoldPictures, type PictureInText, picturesInText } from "@nightlight/core/embedded"
import type { InitMessage } from "../../protocol.ts"
import type { PictureReader, PictureResult } from "../picture.ts"
import { encodingOf } from "../text-check.ts"

import { undoQuotedPrintable } from "./quoted-printable.ts"

/** Inspects the pictures of one text, which arrives in chunks. */
export interface TextPictureScan {
  push(chunk: Uint8Array): Promise<void>
  /** Returns the result; each picture is one or several frames. */
  finish(): Promise<PictureResult>
}

/** Starts inspecting a text, whose encoding is taken from its first bytes. */
export type StartTextScan = (head: Uint8Array) => TextPictureScan

/** Characters that are inspected together. */
const WINDOW_CHARS = 1024 * 1024
/** Longest encoded picture that is waited for, characters. */
const MAX_OPEN_CHARS = 32 * 1024 * 1024
/** Most pictures of one window. */
const MAX_PICTURES_IN_WINDOW = 256

/** Whether a file is written as text and may contain encoded pictures. */
export function isWrittenAsText({ mediaType, kind }: SniffedMedia): boolean {
  return kind === "text" || (kind === "opaque" && WRITTEN_AS_TEXT.test(mediaType))
}

const WRITTEN_AS_TEXT = /^(?:text\/.*|image\/svg\+xml|application\/(?:xml|json|rtf|postscript))$/

/** Dependencies and deadline of inspecting one text. */
export interface TextScanParts {
  readonly pictures: PictureReader
  readonly init: InitMessage
  /** on `performance.now()`'s clock. */
  readonly deadline: number
}

/** Inspects a complete text. */
export async function scanText(start: StartTextScan, bytes: Uint8Array): Promise<PictureResult> {
  if (bytes.length === 0) return {}
  const scan = start(bytes)
  await scan.push(bytes)
  return scan.finish()
}

/**
 * Makes the function that starts inspecting texts. Pictures are decoded as they are found, so that memory stays
 * bounded.
 */
export function createTextScanner(parts: TextScanParts): StartTextScan {
  return (head) => new WindowedScan(encodingOf(head), parts)
}

class WindowedScan implements TextPictureScan {
  readonly #decoder: InstanceType<typeof TextDecoder>
  readonly #parts: TextScanParts
  /** Cause of each inspected picture, by its digest. */
  readonly #known = new Map<string, InconclusiveCause | undefined>()
  readonly #views: PictureView[] = []
  #size: { readonly width: number; readonly height: number } | undefined
  #frames = 0
  #cause: InconclusiveCause | undefined
  #text = ""
  #nextSearch = WINDOW_CHARS
  #isOver = false

  constructor(encoding: string, parts: TextScanParts) {
    this.#decoder = new TextDecoder(encoding)
    this.#parts = parts
  }

  async push(chunk: Uint8Array): Promise<void> {
    if (this.#isOver) return
    this.#text += this.#decoder.decode(chunk, { stream: true })
    if (this.#text.length >= this.#nextSearch) await this.#search(false)
  }

  async finish(): Promise<PictureResult> {
    this.#text += this.#decoder.decode()
    if (!this.#isOver) await this.#search(true)
    const { profile, kernel } = this.#parts.init
    const about = { frames: this.#frames, exifOrientation: 1, flags: [], profile, kernel, views: this.#views }
    return compact({
      picture: this.#size === undefined ? undefined : { ...this.#size, ...about },
      inconclusive: this.#cause,
    })
  }

  async #search(isEnd: boolean): Promise<void> {
    const text = this.#text
    const unquoted = undoQuotedPrintable(text)
    let openFrom = await this.#searchIn(text, isEnd)
    if (unquoted !== undefined)
      openFrom = Math.min(openFrom, unquoted.positionOf(await this.#searchIn(unquoted.text, isEnd)))
    this.#text = text.slice(openFrom)
    // An open part is inspected again only when it has doubled, so that the work stays linear.
    this.#nextSearch = Math.max(WINDOW_CHARS, this.#text.length * 2)
    if (this.#text.length > MAX_OPEN_CHARS) this.#end("byte_limit")
  }

  /** @returns the position from which more may follow. */
  async #searchIn(text: string, isEnd: boolean): Promise<number> {
    if (!mayHoldPictures(text)) return Math.max(0, text.length - OVERLAP_CHARS)
    if (performance.now() > this.#parts.deadline) this.#end("time_limit")
    if (this.#isOver) return text.length
    const found = picturesInText(text, { maxPictures: MAX_PICTURES_IN_WINDOW })
    if (found.isTooMuch) this.#end("frame_limit")
    // Whole readings first, so that an incomplete reading of the same position does not count as damage.
    const wholeAt = new Set<number>()
    for (const picture of found.pictures.toSorted((one, other) => Number(other.isWhole) - Number(one.isWhole))) {
      if (this.#isOver) break
      if (picture.reachesEnd && !isEnd && found.openFrom < text.length) continue
      const { shows, isWhole, position } = picture
      const cause = await this.#inspectPicture(picture)
      if (isWhole && cause === undefined) wholeAt.add(position)
      // A picture quoted in a tutorial shows nothing.
      else if (cause !== undefined && shows && !wholeAt.has(position)) this.#cause ??= cause
    }
    return found.openFrom
  }

  /** @returns the cause why it could not be inspected completely. */
  async #inspectPicture({ bytes, mediaType }: PictureInText): Promise<InconclusiveCause | undefined> {
    const key = createHash("sha256").update(bytes).digest("base64")
    if (this.#known.has(key)) return this.#known.get(key)
    const { pictures, init, deadline } = this.#parts
    if (performance.now() > deadline) {
      this.#end("time_limit")
      return undefined
    }
    const { picture, inconclusive } = await pictures.read(bytes, mediaType, deadline)
    this.#known.set(key, inconclusive)
    if (picture === undefined) return inconclusive
    if (this.#frames + picture.frames > init.limits.maxFrames) {
      this.#end("frame_limit")
      return undefined
    }
    this.#size ??= { width: picture.width, height: picture.height }
    for (const view of picture.views) this.#views.push({ ...view, frame: view.frame + this.#frames })
    this.#frames += picture.frames
    return inconclusive
  }

  #end(cause: InconclusiveCause): void {
    this.#cause ??= cause
    this.#isOver = true
    this.#text = ""
  }
}

/** Overlap that a window without any sign of a picture leaves for the next one, because a sign may span both. */
const OVERLAP_CHARS = 4_096
