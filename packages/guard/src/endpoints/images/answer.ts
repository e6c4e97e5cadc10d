/**
 * Answers with pictures.
 * @module
 */

import type { JsonValue } from "@nightlight/core"
import { compact } from "@nightlight/core"
import { GuardRefusal } from "../../errors.ts"
import { pictureBase64, pictureUrl } from "../../inspect/pictures.ts"
import { integer, list, nullable, object, oneOf, type Shape, text } from "../../inspect/shape.ts"
import type { ReadAnswer, ReadRequest } from "../endpoint.ts"
import { jsonPayload, readJsonAnswer } from "../json-endpoint.ts"

const count = nullable(integer(0))
const details = nullable(object({}, { image_tokens: count, text_tokens: count, cached_tokens: count }))

/** Counts of tokens. */
export const imageUsage: Shape = object(
  {},
  {
    input_tokens: count,
    output_tokens: count,
    total_tokens: count,
    input_tokens_details: details,
    output_tokens_details: details,
  },
)

/** Fields of an answer that describe its pictures. */
export const drawn = {
  background: nullable(oneOf("transparent", "opaque", "auto")),
  output_format: nullable(oneOf("png", "webp", "jpeg")),
  quality: nullable(oneOf("low", "medium", "high", "xhigh", "max", "auto", "standard", "hd")),
  size: nullable(text("label")),
  usage: nullable(imageUsage),
} as const satisfies Readonly<Record<string, Shape>>

const shape = object({}, { b64_json: pictureBase64, url: pictureUrl, revised_prompt: nullable(text("text")) })

const picture: Shape = (value, path, walk) => {
  walk.choice = Number(/\[(\d+)\]$/.exec(path)?.[1] ?? 0)
  const before = walk.pictures + walk.refs.length
  const { b64_json, url, ...rest } = value as Record<string, unknown>
  // Unused fields come empty beside the used one.
  const read = shape(
    compact({
      b64_json: b64_json || undefined,
      url: url || undefined,
      ...rest,
    }),
    path,
    walk,
  )
  if (walk.pictures + walk.refs.length !== before + 1) throw walk.fail("expected one picture", path)
  return read
}

const answer = object({ created: integer(0), data: list(picture, 64) }, drawn)

/**
 * Parses an answer. A picture that the upstream only links to is fetched, and returned in base64.
 *
 * An answer is withheld as a whole or not at all: clients take a missing picture for a broken answer.
 */
export function readImagesAnswer(bytes: Uint8Array, { choices }: Pick<ReadRequest, "choices">): ReadAnswer {
  const { copy, walk } = readJsonAnswer(bytes, answer)
  const data = copy["data"] as readonly Record<string, JsonValue>[]
  if (data.length > choices) {
    throw new GuardRefusal("upstream_failed", "the upstream returned more pictures than were asked for")
  }
  return {
    items: walk.items,
    refs: walk.refs,
    dropped: walk.dropped,
    payload: () => jsonPayload({ ...copy, data: data.map(inBase64) }),
  }
}

function inBase64({ url, ...rest }: Readonly<Record<string, JsonValue>>): JsonValue {
  if (url === undefined) return rest
  const dataUrl = JSON.parse(JSON.stringify(url)) as string
  return { ...rest, b64_json: dataUrl.slice(dataUrl.indexOf(",") + 1) }
}
