/**
 * A JSON record: what it carries and where it comes from.
 * @module
 */
import { isUtf8 } from "node:buffer"
import type { InconclusiveCause } from "@nightlight/core"
import type { StatedOrigin } from "../../readers/stated-origin.ts"
import type { ReaderLimits } from "../../readers/types.ts"
import type { InnerFile } from "../item-builder.ts"
import { InnerFiles } from "./inner-files.ts"
import { type JsonString, scanJson } from "./json-strings.ts"
import { OriginReader } from "./origin.ts"

/** Shorter strings carry no picture and no origin. */
const LEAST_BYTES = 4
/** Shorter strings carry no picture. */
const LEAST_MEDIA_BYTES = 40

/** A JSON record's facts. */
export interface ReadJson {
  /** Files that it carries. */
  readonly inside: readonly InnerFile[]
  /** The origin that it states: none or one. */
  readonly origins: readonly StatedOrigin[]
  /** Why not all of it could be read. */
  readonly refused: InconclusiveCause | undefined
}

/** Reads one JSON value: the files that its strings and lists of numbers carry, and the origin that it states. */
export function readJson(bytes: Buffer, limits: ReaderLimits): ReadJson {
  const inside = new InnerFiles(limits, bytes.length)
  const origin = new OriginReader()
  const verdict = scanJson(bytes, LEAST_BYTES, (found) => {
    origin.add(found)
    if (found.bytes.length >= LEAST_MEDIA_BYTES && !inside.isTooMuch) inside.add(contentOf(found), found.path)
  })
  inside.addLists(bytes)
  const isWhole = verdict === "valid" && isUtf8(bytes)
  const refused = isWhole ? undefined : verdict === "too_deep" ? "archive_limit" : "archive_malformed"
  const { files, isTooMuch } = inside
  return { inside: files, origins: origin.result(), refused: refused ?? (isTooMuch ? "archive_limit" : undefined) }
}

/** A string's content, escapes undone. Letters of base64 in strings without escapes are views, not copies. */
function contentOf({ bytes, hasEscapes }: JsonString): Buffer {
  return hasEscapes ? Buffer.from(JSON.parse(`"${bytes.toString("utf8")}"`) as string) : bytes
}
