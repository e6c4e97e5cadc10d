/**
 * Streamed chat completions: chunks are parsed into steps, and written anew from what was cleared.
 *
 * Chunks are made, not passed on: with the id and model of the first, texts as they are released, whole tool calls, and
 * the usage last. Logprobs repeat the text and obfuscation is padding: neither is passed on.
 * @module
 */
import type { JsonValue } from "@nightlight/core"
import type { CheckItem } from "../../inspect/inspectable.ts"
import { rankOf } from "../../inspect/joins.ts"
import { EVERY_LANE, type Frames, type StreamCodec, type StreamStep, type TextStep } from "../../stream/codec.ts"
import type { SseEvent } from "../../stream/sse-parser.ts"
import { sseFrame } from "../../stream/sse-writer.ts"
import type { ReadRequest } from "../endpoint.ts"
import { ownId } from "../own-id.ts"
import { choiceContinued, streamCutOff, tooManyChoices } from "../upstream-faults.ts"
import { type Chunk, type ChunkChoice, GROWING } from "./chunk.ts"
import { ChunkReader } from "./chunk-reader.ts"
import { ToolCalls } from "./tool-calls.ts"

const CALLS = rankOf("tool_call")
const DONE = sseFrame("[DONE]")

/** The parts of a frame before and after its text. */
interface Envelope {
  readonly head: Chunk["head"]
  readonly before: string
  readonly after: string
}

interface ChoiceState {
  readonly calls: ToolCalls
  /** The call in the older form of functions. */
  readonly called: ToolCalls
  /** The upstream has ended it. */
  finished: boolean
  /** Its end was released. */
  ended: boolean
}

/** Reads and writes one streamed chat completion. */
export function createChatCodec(request: ReadRequest): StreamCodec {
  return new ChatCodec(request)
}

class ChatCodec implements StreamCodec {
  dropped = 0
  readonly #maxChoices: number
  readonly #choices = new Map<number, ChoiceState>()
  readonly #chunks = new ChunkReader()
  /** Envelopes by track. */
  readonly #envelopes = new Map<string, Envelope>()
  #head: Chunk["head"] | undefined
  /** The head of a soft ending: the upstream's, once it was cleared. */
  #clearedHead: Chunk["head"]
  #usage: JsonValue | undefined
  #ended = false

  constructor({ choices, model }: ReadRequest) {
    this.#maxChoices = choices
    this.#clearedHead = { id: ownId("chatcmpl-"), created: Math.floor(Date.now() / 1000), model }
  }

  read({ data }: Pick<SseEvent, "data">): readonly StreamStep[] {
    if (this.#ended) return []
    if (data === "[DONE]") return this.#end()
    const chunk = this.#chunks.read(data)
    this.dropped += chunk.dropped
    const steps: StreamStep[] = []
    if (this.#head === undefined) {
      const { head } = chunk
      this.#head = head
      const cleared = () => {
        this.#clearedHead = head
        return []
      }
      steps.push(...whole(chunk.items, cleared))
    }
    if (chunk.usage !== undefined) this.#usage = chunk.usage
    if (chunk.moderation !== undefined) {
      const frame = this.#frame({ choices: [], moderation: chunk.moderation })
      steps.push(...whole(chunk.items, [frame]))
    }
    for (const choice of chunk.choices) this.#readChoice(choice, steps)
    return steps
  }

  finish(): readonly StreamStep[] {
    if (this.#ended) return []
    const states = [...this.#choices.values()]
    if (states.length === 0 || states.some(({ finished }) => !finished)) {
      throw streamCutOff()
    }
    return this.#end()
  }

  text({ choice, track }: TextStep, cleared: string): readonly string[] {
    const head = this.#head ?? this.#clearedHead
    const known = this.#envelopes.get(track)
    const { before, after } = known?.head === head ? known : this.#envelope(choice, track, head)
    return [before + JSON.stringify(cleared) + after]
  }

  withheld(message: string): readonly string[] {
    this.#head = this.#clearedHead
    const open =
      this.#choices.size === 0 ? [0] : [...this.#choices].filter(([, { ended }]) => !ended).map(([index]) => index)
    return [
      ...open.flatMap((index) => [
        this.#choiceFrame(index, { role: "assistant", refusal: message }),
        this.#choiceFrame(index, {}, "content_filter"),
      ]),
      DONE,
    ]
  }

  error(body: string): readonly string[] {
    return [sseFrame(body)]
  }

  #readChoice({ index, delta, finish_reason }: ChunkChoice, steps: StreamStep[]): void {
    const known = this.#choices.get(index)
    if (known?.finished === true) {
      if (isEmpty(delta)) return
      throw choiceContinued()
    }
    const state = known ?? this.#open(index, steps)
    for (const field of GROWING) {
      const text = delta[field]
      if (text == null || text === "") continue
      const track = `${index}.${field}`
      const channel = field === "content" ? "text" : field === "refusal" ? "refusal" : "reasoning"
      const path = `choices[${index}].delta.${field}`
      const place = { kind: "text", lane: index, track, role: "assistant", choice: index, path } as const
      steps.push({ ...place, channel, text, order: rankOf(channel) })
    }
    let held = 0
    for (const piece of delta.tool_calls ?? []) held += state.calls.add(piece)
    if (delta.function_call != null) held += state.called.add({ index: 0, function: delta.function_call })
    if (held > 0) steps.push({ kind: "held", chars: held })
    if (finish_reason != null) this.#finish(index, state, finish_reason, steps)
  }

  #open(index: number, steps: StreamStep[]): ChoiceState {
    if (this.#choices.size >= this.#maxChoices) {
      throw tooManyChoices()
    }
    const state = {
      calls: new ToolCalls(),
      called: new ToolCalls(),
      finished: false,
      ended: false,
    }
    this.#choices.set(index, state)
    steps.push({ kind: "frame", lane: index, frames: [this.#choiceFrame(index, { role: "assistant", content: "" })] })
    return state
  }

  #finish(index: number, state: ChoiceState, reason: string, steps: StreamStep[]): void {
    state.finished = true
    if (!state.calls.isEmpty) {
      const frames = [this.#choiceFrame(index, { tool_calls: state.calls.delta() })]
      steps.push({ kind: "whole", lane: index, items: state.calls.items(index), frames, order: CALLS })
    }
    if (!state.called.isEmpty) {
      const { function: called } = (state.called.delta() as [{ function: JsonValue }])[0]
      const frames = [this.#choiceFrame(index, { function_call: called })]
      steps.push({ kind: "whole", lane: index, items: state.called.items(index), frames, order: CALLS })
    }
    steps.push({ kind: "complete", lane: index })
    const frames = () => {
      state.ended = true
      return [this.#choiceFrame(index, {}, reason)]
    }
    steps.push({ kind: "frame", lane: index, frames })
  }

  #end(): readonly StreamStep[] {
    const steps: StreamStep[] = []
    this.#ended = true
    for (const [index, state] of this.#choices) if (!state.finished) this.#finish(index, state, "stop", steps)
    const usage = this.#usage === undefined ? [] : [this.#frame({ choices: [], usage: this.#usage })]
    return [...steps, { kind: "end", frames: [...usage, DONE] }]
  }

  /** All texts of a track go out in the same envelope, so it is made once. */
  #envelope(choice: number, track: string, head: Chunk["head"]): Envelope {
    const field = track.slice(track.indexOf(".") + 1)
    const frame = this.#choiceFrame(choice, { [field]: "" })
    // The names behind the text are the guard's own, and no other text follows.
    const offset = frame.lastIndexOf('""')
    const envelope = { head, before: frame.slice(0, offset), after: frame.slice(offset + 2) }
    this.#envelopes.set(track, envelope)
    return envelope
  }

  #choiceFrame(index: number, delta: JsonValue, finishReason: string | null = null): string {
    return this.#frame({ choices: [{ index, delta, logprobs: null, finish_reason: finishReason }] })
  }

  #frame(rest: Readonly<Record<string, JsonValue>>): string {
    return sseFrame(JSON.stringify({ ...(this.#head ?? this.#clearedHead), object: "chat.completion.chunk", ...rest }))
  }
}

function isEmpty(delta: ChunkChoice["delta"]): boolean {
  return (
    GROWING.every((field) => (delta[field] ?? "") === "") &&
    (delta.tool_calls ?? []).length === 0 &&
    delta.function_call == null
  )
}

/** A step that everything after it waits for. */
function whole(items: Chunk["items"], frames: Frames): readonly StreamStep[] {
  return [{ kind: "whole", lane: EVERY_LANE, items: items as readonly CheckItem[], frames }]
}
