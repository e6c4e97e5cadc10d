import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { chat } from "../src/endpoints/chat/endpoint.ts"
import { completions } from "../src/endpoints/completions/endpoint.ts"
import { responses } from "../src/endpoints/responses/endpoint.ts"
import { passesWhole, requestOf, streamed } from "./support/stream-and-whole.ts"

/** Pieces of which the phrase is made in many ways, and of which it is not. */
const PIECES = ["a ", "quartz", "qu", "artz", " ", " umb", "rella", " umbrella", " violet", " day", "x", ". ", "%71"]
const said = fc.array(fc.constantFrom(...PIECES), { minLength: 1, maxLength: 5 }).map((pieces) => pieces.join(""))
/** Halves and thirds of the phrase: cut over two texts they make it. */
const phrase = "quartz umbrella violet"
const cutPhrase = (count: number) =>
  fc
    .array(fc.integer({ min: 1, max: phrase.length - 1 }), { minLength: count - 1, maxLength: count - 1 })
    .map((cuts) => {
      const bounds = [0, ...cuts.toSorted((a, b) => a - b), phrase.length]
      return bounds.slice(1).map((end, part) => phrase.slice(bounds[part], end))
    })
const texts = (count: number) =>
  fc.oneof(
    fc.array(said, { minLength: count, maxLength: count }),
    cutPhrase(count),
    fc
      .tuple(cutPhrase(count), said)
      .map(([cut, more]) => cut.map((text, index) => (index === 0 ? `${more} ${text}` : text))),
  )
const sizes = fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 8 })
const seeds = fc.infiniteStream(fc.nat(1_000))

/** Cuts a text into deltas. */
function cut(text: string, next: () => number): string[] {
  const pieces: string[] = []
  for (let offset = 0; offset < text.length; ) {
    const size = 1 + (next() % 9)
    pieces.push(text.slice(offset, offset + size))
    offset += size
  }
  return pieces
}

/** Merges lists of events: each keeps its order; without `mixed` one after the other. */
function merge<T>(lists: readonly (readonly T[])[], mixed: boolean, next: () => number): T[] {
  if (!mixed) return lists.flat()
  const left = lists.map((list) => [...list])
  const merged: T[] = []
  for (let open = left.filter(({ length }) => length > 0); open.length > 0; ) {
    merged.push(open[next() % open.length]?.shift() as T)
    open = left.filter(({ length }) => length > 0)
  }
  return merged
}

function counter(stream: fc.Stream<number>): () => number {
  return () => stream.next().value as number
}

const OPTIONS = { numRuns: 400 }

describe("a stream is checked as strictly as the same answer whole", () => {
  it("in chat: over reasoning, content, refusal and tool calls, in any order", () => {
    const fields = ["reasoning_content", "content", "refusal"] as const
    const head = { id: "c", object: "chat.completion.chunk", created: 1, model: "m" }
    const request = requestOf(chat, { model: "m", messages: [{ role: "user", content: "x" }], stream: true })
    const orders = fc.shuffledSubarray([...fields], { minLength: 1 })
    fc.assert(
      fc.property(
        texts(4),
        orders,
        fc.boolean(),
        fc.boolean(),
        sizes,
        seeds,
        (all, order, calls, mixed, reads, seed) => {
          const next = counter(seed)
          const message: Record<string, unknown> = { role: "assistant" }
          const lists = order.map((field, i) => {
            message[field] = all[i]
            return cut(all[i] ?? "", next).map((text) => ({ [field]: text }))
          })
          const given = all[3] ?? ""
          const call = { id: "call_1", type: "function", function: { name: "f", arguments: given } }
          if (calls) message["tool_calls"] = [call]
          const deltas: Record<string, unknown>[] = merge(lists, mixed, next)
          if (calls) deltas.push({ tool_calls: [{ index: 0, ...call }] })
          const answer = {
            id: "c",
            object: "chat.completion",
            created: 1,
            model: "m",
            choices: [{ index: 0, message, finish_reason: "stop" }],
          }
          const chunk = (delta: unknown, finish_reason: string | null) => ({
            ...head,
            choices: [{ index: 0, delta, finish_reason }],
          })
          const events = [...deltas.map((delta) => chunk(delta, null)), chunk({}, "stop"), "[DONE]"]
          const { passes, events: out } = streamed(chat, request, events, reads)
          // Mixed deltas are also inspected in the order in which they come: that may find more.
          if (!mixed || passes) expect(passes).toBe(passesWhole(chat, request, answer))
          expect(passesWhole(chat, request, { ...answer, choices: [chatChoice(out)] })).toBe(true)
        },
      ),
      OPTIONS,
    )
  })

  it("in completions: in each of several choices, and across two with one index", () => {
    const request = requestOf(completions, { model: "m", prompt: "x", n: 2, stream: true })
    fc.assert(
      fc.property(texts(2), fc.boolean(), fc.boolean(), sizes, seeds, (all, isOne, mixed, reads, seed) => {
        const next = counter(seed)
        const indexes = isOne ? [0, 0] : [0, 1]
        const choices = all.map((text, i) => ({ index: indexes[i], text, finish_reason: "stop" }))
        const answer = { id: "c", object: "text_completion", created: 1, model: "m", choices }
        const lists = all.map((text, i) => cut(text, next).map((piece) => ({ index: indexes[i], text: piece })))
        const events = merge(lists, mixed && !isOne, next).map((choice) => ({ id: "c", choices: [choice] }))
        const ends = [...new Set(indexes)].map((index) => ({ choices: [{ index, text: "", finish_reason: "stop" }] }))
        const { passes } = streamed(completions, request, [...events, ...ends, "[DONE]"], reads)
        // Of one index the pieces are one text: where one ends another may go on with the same word.
        const shown = isOne ? { ...answer, choices: [{ index: 0, text: all.join(""), finish_reason: "stop" }] } : answer
        expect(passes).toBe(passesWhole(completions, request, shown))
        if (!passes) expect(passesWhole(completions, request, answer)).toBe(false)
      }),
      OPTIONS,
    )
  })

  it("in responses: over parts, items, summaries and calls, in sequence or mixed", () => {
    const request = requestOf(responses, { model: "m", input: "x", stream: true })
    const kinds = fc.array(fc.constantFrom("text", "refusal", "message", "summary", "call"), {
      minLength: 4,
      maxLength: 4,
    })
    fc.assert(
      fc.property(texts(4), kinds, fc.boolean(), sizes, seeds, (all, shapes, mixed, reads, seed) => {
        const next = counter(seed)
        const output = outputOf(all, shapes)
        const events = merge(
          output.flatMap((item, i) => eventsOf(item, i, next)),
          mixed,
          next,
        )
        const response = { id: "r", object: "response", created_at: 1, model: "m", status: "completed", output }
        const ended = { type: "response.completed", response }
        const { passes, events: out } = streamed(responses, request, [...events, ended], reads)
        // Parts are passed on in the order in which they begin: of what comes mixed up it is not the upstream's.
        if (!mixed) expect(passes).toBe(passesWhole(responses, request, response))
        const shown = { ...response, output: shownOutput(out) }
        expect(passesWhole(responses, request, shown)).toBe(true)
      }),
      OPTIONS,
    )
  })
})

type Item = Record<string, unknown> & { readonly type: string }

/** Items of an output: `text` and `refusal` go on with the message before them, `message` begins one. */
function outputOf(all: readonly string[], shapes: readonly string[]): Item[] {
  const output: Item[] = []
  for (const [index, shape] of shapes.entries()) {
    const text = all[index] ?? ""
    const last = output.at(-1)
    if (shape === "summary") {
      output.push({ type: "reasoning", id: `rs_${index}`, summary: [{ type: "summary_text", text }] })
    } else if (shape === "call") {
      output.push({ type: "function_call", id: `fc_${index}`, call_id: `call_${index}`, name: "f", arguments: text })
    } else {
      const part =
        shape === "refusal" ? { type: "refusal", refusal: text } : { type: "output_text", text, annotations: [] }
      if (last?.type === "message" && shape !== "message") (last["content"] as unknown[]).push(part)
      else output.push({ type: "message", id: `msg_${index}`, role: "assistant", content: [part] })
    }
  }
  return output
}

interface Part {
  readonly type: string
  readonly text?: string
  readonly refusal?: string
}

/** The events of an item, a list for each part: what belongs to one keeps its order. */
function eventsOf(item: Item, output_index: number, next: () => number): unknown[][] {
  const place = { output_index, item_id: item["id"] }
  if (item.type === "function_call") return [[{ type: "response.output_item.done", ...place, item }]]
  const isMessage = item.type === "message"
  const parts = (isMessage ? item["content"] : item["summary"]) as readonly Part[]
  return parts.map((part, index) => {
    const name = isMessage ? (part.type === "refusal" ? "refusal" : "output_text") : "reasoning_summary_text"
    const whole = part.text ?? part.refusal ?? ""
    const where = { ...place, [isMessage ? "content_index" : "summary_index"]: index }
    return [
      ...cut(whole, next).map((delta) => ({ type: `response.${name}.delta`, ...where, delta })),
      { type: `response.${name}.done`, ...where, [part.type === "refusal" ? "refusal" : "text"]: whole },
    ]
  })
}

/** The message of a chat completion as a client puts it together. */
function chatChoice(events: readonly Record<string, unknown>[]): unknown {
  const message: Record<string, unknown> = { role: "assistant" }
  for (const { choices } of events as unknown as { choices: { delta: Record<string, unknown> }[] }[]) {
    for (const [field, value] of Object.entries(choices[0]?.delta ?? {})) {
      if (field === "tool_calls")
        message[field] = (value as Record<string, unknown>[]).map((call) => ({ ...call, index: undefined }))
      else if (field !== "role") message[field] = `${(message[field] as string | undefined) ?? ""}${value as string}`
    }
  }
  return { index: 0, message, finish_reason: "stop" }
}

/** The output as a client puts it together from deltas and whole items. */
function shownOutput(events: readonly Record<string, unknown>[]): unknown[] {
  const output: { type: string; [field: string]: unknown }[] = []
  for (const event of events) {
    const offset = event["output_index"] as number
    const type = event["type"] as string
    if (type === "response.output_item.added") output[offset] = { ...(event["item"] as { type: string }) }
    else if (type === "response.output_item.done") output[offset] = event["item"] as { type: string }
    else if (/content_part\.added|summary_part\.added/.test(type)) {
      const item = output[offset] as Record<string, unknown>
      const field = type.includes("summary") ? "summary" : "content"
      item[field] = [...((item[field] as unknown[] | undefined) ?? []), { ...(event["part"] as object) }]
    } else if (/(?:output_text|refusal|summary_text)\.delta$/.test(type)) {
      const list = output[offset]?.[type.includes("summary") ? "summary" : "content"] as Record<string, string>[]
      const part = list[(event["content_index"] ?? event["summary_index"]) as number] as Record<string, string>
      const field = type.includes("refusal") ? "refusal" : "text"
      part[field] = `${part[field] ?? ""}${event["delta"] as string}`
    }
  }
  return output.map((item) =>
    item.type === "function_call" || item["status"] !== "in_progress" ? item : { ...item, status: "completed" },
  )
}
