/**
 * Pictures that stand in JSON: `data:` URLs, base64, and links.
 * @module
 */
import type { JsonValue } from "@nightlight/core"
import type { RefPart } from "./inspectable.ts"
import type { Shape } from "./shape.ts"
import type { Walk } from "./walk.ts"

/** Most pictures of one body. */
export const MAX_PICTURES = 64

/** Longest link, UTF-16 code units. */
const MAX_LINK_CHARS = 8192

const DATA_URL = /^data:image\/(?:png|jpe?g|webp|gif|bmp|tiff?|avif|heic);base64,/

/**
 * The place of a link, whose replacement is known only after the fetch. A link that was not fetched cannot be sent:
 * serialising it fails.
 */
class Slot {
  #dataUrl: string | undefined

  fill(dataUrl: string): void {
    this.#dataUrl = dataUrl
  }

  toJSON(): string {
    if (this.#dataUrl === undefined) throw new Error("a link would have been sent without being fetched")
    return this.#dataUrl
  }
}

/** A picture by URL: the bytes of a `data:` URL are collected; a link is kept, to be fetched and replaced. */
export const pictureUrl: Shape = (value, path, walk) => {
  if (typeof value !== "string") throw walk.fail("expected the URL of a picture", path)
  const head = DATA_URL.exec(value.slice(0, 64))?.[0]
  if (head !== undefined) {
    collect(value.slice(head.length), path, walk)
    return value
  }
  if (!/^https?:\/\//i.test(value) || value.length > MAX_LINK_CHARS) {
    throw walk.fail("expected a data: URL of a picture, or an http: or https: link", path)
  }
  assertRoom(path, walk)
  const slot = new Slot()
  const part: RefPart = { kind: "ref", role: walk.role, channel: "image", choice: walk.choice, path, url: value }
  walk.items.push(part)
  walk.refs.push({ part, inline: (dataUrl) => slot.fill(dataUrl) })
  return slot as unknown as JsonValue
}

/** A picture as bare base64. */
export const pictureBase64: Shape = (value, path, walk) => {
  if (typeof value !== "string") throw walk.fail("expected a picture in base64", path)
  collect(value, path, walk)
  return value
}

/**
 * Accepts canonical base64 only, so that every reader decodes the same bytes. The decoder skips other characters, which
 * the length reveals; the URL-safe digits, which it accepts, are searched for.
 */
function collect(base64: string, path: string, walk: Walk): void {
  const bytes = Buffer.from(base64, "base64")
  const padding = base64.endsWith("==") ? 2 : base64.endsWith("=") ? 1 : 0
  const isWhole = base64.length % 4 === 0 && bytes.length === (base64.length / 4) * 3 - padding
  if (bytes.length === 0 || !isWhole || /[-_]/.test(base64)) throw walk.fail("a picture is not base64", path)
  assertRoom(path, walk)
  walk.items.push({ kind: "bytes", role: walk.role, channel: "image", choice: walk.choice, path, bytes })
  walk.pictures++
}

function assertRoom(path: string, walk: Walk): void {
  if (walk.pictures + walk.refs.length >= MAX_PICTURES) throw walk.fail("a body has too many pictures", path)
}
