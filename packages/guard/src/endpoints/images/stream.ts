/**
 * Streams of pictures: finished ones are inspected and passed on, unfinished ones dropped.
 * @module
 */
import type { JsonValue } from "@nightlight/core"
import { GuardRefusal } from "../../errors.ts"
import type { CheckItem } from "../../inspect/inspectable.ts"
import { pictureBase64 } from "../../inspect/pictures.ts"
import { integer, nullable, object, oneOf, text } from "../../inspect/shape.ts"
import { readUpstreamJson } from "../../inspect/strict-json.ts"
import { Walk } from "../../inspect/walk.ts"
import type { StreamCodec, StreamStep } from "../../stream/codec.ts"
import { sseFrame } from "../../stream/sse-writer.ts"
import type { ReadRequest } from "../endpoint.ts"
import { streamCutOff } from "../upstream-faults.ts"
import { drawn } from "./answer.ts"

/** Reads and writes one stream. Names of its events begin with `prefix`. */
export function createImagesCodec(
  prefix: "image_generation" | "image_edit",
): (request: Pick<ReadRequest, "choices">) => StreamCodec {
  const completed = object(
    { type: oneOf(`${prefix}.completed`), b64_json: pictureBase64 },
    { created_at: integer(0), revised_prompt: nullable(text("text")), ...drawn },
  )
  return ({ choices }) => new ImagesCodec(`${prefix}.completed`, choices, completed)
}

class ImagesCodec implements StreamCodec {
  dropped = 0
  readonly #completed: string
  readonly #choices: number
  readonly #shape: ReturnType<typeof object>
  #pictures = 0
  #ended = false

  constructor(completed: string, choices: number, shape: ReturnType<typeof object>) {
    this.#completed = completed
    this.#choices = choices
    this.#shape = shape
  }

  read({ data }: { readonly data: string }): readonly StreamStep[] {
    if (this.#ended) return []
    if (data === "[DONE]") {
      this.#ended = true
      return [{ kind: "end", frames: [sseFrame("[DONE]")] }]
    }
    const value = readUpstreamJson(data) as { readonly type?: unknown; readonly error?: unknown } | null
    if (value?.error != null || value?.type === "error") {
      throw new GuardRefusal("upstream_failed", "the upstream reported an error")
    }
    if (value?.type !== this.#completed) return []
    if (this.#pictures >= this.#choices) {
      throw new GuardRefusal("upstream_failed", "the upstream returned more pictures than were asked for")
    }
    const walk = new Walk("drop", "assistant")
    walk.choice = this.#pictures++
    const copy = this.#shape(value, "", walk) as JsonValue
    this.dropped += walk.dropped
    const frames = [sseFrame(JSON.stringify(copy), this.#completed)]
    return [{ kind: "whole", lane: 0, items: walk.items as readonly CheckItem[], frames, alone: true }]
  }

  finish(): readonly StreamStep[] {
    if (this.#ended) return []
    if (this.#pictures === 0) throw streamCutOff()
    this.#ended = true
    return [{ kind: "end", frames: [] }]
  }

  text(): readonly string[] {
    return []
  }

  /** The API has no softer ending. With these words no client retries. */
  withheld(message: string): readonly string[] {
    return [errorFrame({ message, type: "invalid_request_error", param: null, code: "content_filter" })]
  }

  error(body: string): readonly string[] {
    return [errorFrame((JSON.parse(body) as { readonly error: JsonValue }).error)]
  }
}

function errorFrame(error: JsonValue): string {
  return sseFrame(JSON.stringify({ type: "error", error }), "error")
}
