/**
 * A JSON record: what it carries and where it comes from.
 * @module
 */
import { isUtf8 } from "node:buffer"
import type { InconclusiveCause } from "@nightlight/core"
import type { StatedOrigin } from "../../readers/stated-origin.ts"
import type { ReaderLimits } from "../../readers/types.ts"
import type { InnerFile } from "../item-builder.ts"
import { decodeFile, encodedFilesIn } from "./encoded-media.ts"
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

/** Reads one JSON value: the files that its strings carry, and the origin that it states. */
export function readJson(bytes: Buffer, limits: ReaderLimits): ReadJson {
  const inside: InnerFile[] = []
  const origin = new OriginReader()
  let room = Math.min(limits.nestedBytes, limits.sampleBytes - bytes.length)
  let isTooMuch = false
  const verdict = scanJson(bytes, LEAST_BYTES, (found) => {
    origin.add(found)
    if (found.bytes.length < LEAST_MEDIA_BYTES || isTooMuch) return
    const text = contentOf(found)
    for (const file of encodedFilesIn(text)) {
      if (file.sizeBytes > room || inside.length === limits.nestedItems) {
        isTooMuch = true
        return
      }
      room -= file.sizeBytes
      inside.push({ name: found.path(), bytes: decodeFile(text, file) })
    }
  })
  const isWhole = verdict === "valid" && isUtf8(bytes)
  const refused = isWhole ? undefined : verdict === "too_deep" ? "archive_limit" : "archive_malformed"
  return { inside, origins: origin.result(), refused: refused ?? (isTooMuch ? "archive_limit" : undefined) }
}

/** A string's content, escapes undone. Letters of base64 in strings without escapes are views, not copies. */
function contentOf({ bytes, hasEscapes }: JsonString): Buffer {
  return hasEscapes ? Buffer.from(JSON.parse(`"${bytes.toString("utf8")}"`) as string) : bytes
}
