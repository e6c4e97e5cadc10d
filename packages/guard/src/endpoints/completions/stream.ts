/**
 * Streamed text completions: chunks are parsed, and written anew from what was cleared.
 * @module
 */
import type { JsonValue } from "@nightlight/core"
import { GuardRefusal } from "../../errors.ts"
import type { CheckItem } from "../../inspect/inspectable.ts"
import { integer, list, nullable, object, omitted, oneOf, text } from "../../inspect/shape.ts"
import { readUpstreamJson } from "../../inspect/strict-json.ts"
import { Walk } from "../../inspect/walk.ts"
import { EVERY_LANE, type StreamCodec, type StreamStep, type TextStep } from "../../stream/codec.ts"
import { sseFrame } from "../../stream/sse-writer.ts"
import type { ReadRequest } from "../endpoint.ts"
import { growing } from "../forced.ts"
import { choiceContinued, streamCutOff, tooManyChoices } from "../upstream-faults.ts"
import { usage } from "../usage.ts"
import { finishReason } from "./answer.ts"

const DONE = sseFrame("[DONE]")

interface Choice {
  readonly index: number
  readonly text: string
  readonly finish_reason?: string | null
}

interface Chunk {
  readonly id?: string
  readonly created?: number
  readonly model?: string
  readonly choices: readonly Choice[]
  readonly usage?: JsonValue
}

const chunkShape = object(
  {
    choices: list(
      object(
        { index: integer(0, 16_383), text: growing },
        { finish_reason: finishReason, logprobs: omitted, prompt_logprobs: omitted },
      ),
      16_384,
    ),
  },
  {
    id: text("label"),
    object: oneOf("text_completion"),
    created: integer(0),
    model: text("label"),
    usage: nullable(usage),
  },
)

/** Reads and writes one streamed text completion. */
export function createCompletionsCodec(request: ReadRequest): StreamCodec {
  return new CompletionsCodec(request)
}

class CompletionsCodec implements StreamCodec {
  dropped = 0
  readonly #request: ReadRequest
  /** Whether each choice has ended. */
  readonly #choices = new Map<number, boolean>()
  #head: Readonly<Record<string, JsonValue>> | undefined
  #sentHead: Readonly<Record<string, JsonValue>>
  #usage: JsonValue | undefined
  #ended = false

  constructor(request: ReadRequest) {
    this.#request = request
    this.#sentHead = { id: "", created: 0, model: request.model }
  }

  read({ data }: { readonly data: string }): readonly StreamStep[] {
    if (this.#ended) return []
    if (data === "[DONE]") return this.#end()
    const { chunk, items, dropped } = readChunk(data)
    this.dropped += dropped
    const steps: StreamStep[] = []
    if (this.#head === undefined) {
      const { id = "", created = 0, model = "" } = chunk
      const head = { id, created, model }
      this.#head = head
      const frames = () => {
        this.#sentHead = head
        return []
      }
      steps.push({ kind: "whole", lane: EVERY_LANE, items, frames })
    }
    if (chunk.usage != null) this.#usage = chunk.usage
    for (const choice of chunk.choices) this.#choice(choice, steps)
    return steps
  }

  finish(): readonly StreamStep[] {
    if (this.#ended) return []
    if (this.#choices.size === 0 || [...this.#choices.values()].includes(false)) {
      throw streamCutOff()
    }
    return this.#end()
  }

  text({ choice }: TextStep, cleared: string): readonly string[] {
    return [this.#frame(choice, cleared)]
  }

  withheld(): readonly string[] {
    const open = [...this.#choices].filter(([, ended]) => !ended).map(([index]) => index)
    const told = open.length > 0 ? open : this.#choices.size > 0 ? [...this.#choices.keys()] : [0]
    return [...told.map((index) => this.#frame(index, "", "content_filter")), DONE]
  }

  error(body: string): readonly string[] {
    return [sseFrame(body)]
  }

  #choice({ index, text: said, finish_reason }: Choice, steps: StreamStep[]): void {
    const known = this.#choices.get(index)
    if (known === true) {
      if (said === "") return
      throw choiceContinued()
    }
    if (known === undefined && this.#choices.size >= this.#request.choices) {
      throw tooManyChoices()
    }
    this.#choices.set(index, finish_reason != null)
    const track = String(index)
    if (said !== "") {
      const path = `choices[${index}].text`
      const place = { kind: "text", lane: index, track, role: "assistant", channel: "text" } as const
      steps.push({ ...place, choice: index, path, text: said })
    }
    if (finish_reason == null) return
    steps.push({ kind: "complete", lane: index })
    steps.push({ kind: "frame", lane: index, frames: () => [this.#frame(index, "", finish_reason)] })
  }

  #end(): readonly StreamStep[] {
    this.#ended = true
    const frames = () => {
      const open = [...this.#choices].filter(([, ended]) => !ended)
      const usage = this.#usage
      return [
        ...open.map(([index]) => this.#frame(index, "", "stop")),
        ...(usage === undefined ? [] : [this.#write({ choices: [], usage })]),
        DONE,
      ]
    }
    return [{ kind: "end", frames }]
  }

  #frame(index: number, said: string, finishReason: string | null = null): string {
    return this.#write({ choices: [{ index, text: said, logprobs: null, finish_reason: finishReason }] })
  }

  #write(rest: Readonly<Record<string, JsonValue>>): string {
    return sseFrame(JSON.stringify({ ...this.#sentHead, object: "text_completion", ...rest }))
  }
}

interface ReadChunk {
  readonly chunk: Chunk
  readonly items: readonly CheckItem[]
  readonly dropped: number
}

function readChunk(data: string): ReadChunk {
  const value = readUpstreamJson(data)
  const error = (value as { readonly error?: unknown } | null)?.error
  if (error != null) throw new GuardRefusal("upstream_failed", "the upstream reported an error")
  const walk = new Walk("drop", "assistant")
  const chunk = chunkShape(value, "", walk) as unknown as Chunk
  return { chunk, items: walk.items as readonly CheckItem[], dropped: walk.dropped }
}
