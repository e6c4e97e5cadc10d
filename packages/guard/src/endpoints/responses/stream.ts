/**
 * Streamed responses: events are parsed into steps, and written anew from what was cleared.
 *
 * Texts grow; tool calls and pictures are held until they are complete. Partial pictures, logprobs, padding and unknown
 * events are dropped.
 * @module
 */
import type { JsonValue } from "@nightlight/core"
import { GuardRefusal } from "../../errors.ts"
import { EVERY_LANE, type StreamCodec, type StreamStep, type TextStep } from "../../stream/codec.ts"
import { streamCutOff } from "../upstream-faults.ts"
import type { Echo } from "./answer.ts"
import {
  outputIndexOf,
  type RawEvent,
  type ReadEvent,
  readAnnotation,
  readBegun,
  readEnded,
  readEvent,
  readItem,
  readOpened,
  readPartEvent,
} from "./events.ts"
import { KIND_OF_TYPE, PART_FORMS, type PartKind } from "./part-kinds.ts"
import { ResponseWriter } from "./writer.ts"

/** One lane: the output of a response is one sequence. */
const LANE = 0

interface ReadPart {
  readonly kind: PartKind
  /** Position among the texts of the output. */
  readonly order: number
  said: string
  done: boolean
}

interface ReadItem {
  /** Position in the written output: texts are ordered by item and part. */
  readonly position: number
  readonly parts: Map<string, ReadPart>
  done: boolean
}

/** Larger than the number of parts of any item. */
const PARTS = 2_048

/** Deltas of items that are held until they are complete. */
const HELD: ReadonlySet<string> = new Set([
  "response.function_call_arguments.delta",
  "response.custom_tool_call_input.delta",
])

/**
 * Reads and writes one streamed response.
 *
 * @param echo - fields of the request that the response repeats.
 * @param head - id, time and model, for an upstream that is stopped before it sent them.
 */
export function createResponsesCodec(echo: Echo, head: Readonly<Record<string, JsonValue>>): StreamCodec {
  return new ResponsesCodec(new ResponseWriter(echo, head))
}

class ResponsesCodec implements StreamCodec {
  dropped = 0
  readonly #writer: ResponseWriter
  readonly #items = new Map<number, ReadItem>()
  /** Calls that began and are not complete. */
  readonly #pending = new Set<number>()
  #begun = false
  #ended = false

  constructor(writer: ResponseWriter) {
    this.#writer = writer
  }

  read({ data }: { readonly data: string }): readonly StreamStep[] {
    if (this.#ended || data === "[DONE]") return []
    const event = readEvent(data)
    const steps: StreamStep[] = []
    this.#read(event, steps)
    return steps
  }

  finish(): readonly StreamStep[] {
    if (!this.#ended) throw streamCutOff()
    return []
  }

  text({ choice, track }: TextStep, cleared: string): readonly string[] {
    return this.#writer.delta(choice, track.slice(track.indexOf(".") + 1), cleared)
  }

  withheld(message: string): readonly string[] {
    return this.#writer.withheld(message)
  }

  error(body: string): readonly string[] {
    return this.#writer.error(body)
  }

  #count<T>(read: ReadEvent<T>): ReadEvent<T> {
    this.dropped += read.dropped
    return read
  }

  #read(event: RawEvent, steps: StreamStep[]): void {
    const said = readPartEvent(event)
    if (said !== undefined) {
      const offset = outputIndexOf(event)
      const key = `${said.kind}.${said.index}`
      if (said.verb === "delta") this.#say(offset, key, said.kind, said.text, steps)
      else this.#settle(offset, key, said.kind, said.text, steps)
      return
    }
    switch (event.type) {
      case "response.created":
      case "response.queued":
      case "response.in_progress":
        this.#begin(event, steps)
        break
      case "response.output_item.added":
        this.#opened(event, steps)
        break
      case "response.output_text.annotation.added":
        this.#annotated(event, steps)
        break
      case "response.output_item.done":
        this.#done(event["item"], outputIndexOf(event), steps)
        break
      case "response.completed":
      case "response.incomplete":
      case "response.failed":
        this.#end(event, steps)
        break
      default:
        if (HELD.has(event.type) && typeof event["delta"] === "string") {
          this.#pending.add(outputIndexOf(event))
          steps.push({ kind: "held", chars: event["delta"].length })
        }
    }
  }

  #begin(event: RawEvent, steps: StreamStep[]): void {
    if (this.#begun) return
    this.#begun = true
    const { value, items } = this.#count(readBegun(event))
    steps.push({ kind: "whole", lane: EVERY_LANE, items, frames: () => this.#writer.begin(value) })
  }

  #opened(event: RawEvent, steps: StreamStep[]): void {
    const offset = outputIndexOf(event)
    const type = (event["item"] as { readonly type?: unknown } | null | undefined)?.type
    if (type === "message" || type === "reasoning") {
      if (this.#items.has(offset)) return
      const { value, items } = this.#count(readOpened(event, offset))
      this.#open(offset)
      const { type: _type, ...fields } = value
      const frames = () => this.#writer.openItem(offset, type, fields)
      steps.push({ kind: "whole", lane: LANE, items, frames })
    } else this.#pending.add(offset)
  }

  #open(itemIndex: number): ReadItem {
    const item: ReadItem = { position: this.#items.size, parts: new Map(), done: false }
    this.#items.set(itemIndex, item)
    return item
  }

  /** The item that a text belongs to; an upstream need not announce items. */
  #item(itemIndex: number, kind: PartKind, steps: StreamStep[]): ReadItem {
    const known = this.#items.get(itemIndex)
    if (known?.done === true) throw new GuardRefusal("upstream_failed", "the upstream continued an item after its end")
    if (known !== undefined) return known
    const item = this.#open(itemIndex)
    this.#pending.delete(itemIndex)
    const type = kind === "summary" || kind === "reasoning" ? "reasoning" : "message"
    steps.push({ kind: "frame", lane: LANE, frames: () => this.#writer.openItem(itemIndex, type, {}) })
    return item
  }

  #part(offset: number, key: string, kind: PartKind, steps: StreamStep[]): ReadPart {
    const { parts, position } = this.#item(offset, kind, steps)
    const known = parts.get(key)
    if (known !== undefined) return known
    const part: ReadPart = { kind, order: position * PARTS + parts.size, said: "", done: false }
    parts.set(key, part)
    if (parts.size > 1024) throw new GuardRefusal("upstream_failed", "the upstream's answer has too many parts")
    steps.push({ kind: "frame", lane: LANE, frames: () => this.#writer.openPart(offset, key, kind) })
    return part
  }

  #say(offset: number, key: string, kind: PartKind, text: string, steps: StreamStep[]): void {
    const part = this.#part(offset, key, kind, steps)
    if (text === "") return
    if (part.done) throw new GuardRefusal("upstream_failed", "the upstream continued a text after its end")
    part.said += text
    const { channel } = PART_FORMS[kind]
    const path = `output[${offset}].${key}`
    const place = { kind: "text", lane: LANE, track: `${offset}.${key}`, role: "assistant" } as const
    steps.push({ ...place, channel, choice: offset, path, text, order: part.order })
  }

  /** Ends a text. What its deltas left out is added; where they differ from the final text, the deltas count. */
  #settle(offset: number, key: string, kind: PartKind, whole: string, steps: StreamStep[]): void {
    const part = this.#part(offset, key, kind, steps)
    if (part.done) return
    if (whole.startsWith(part.said)) this.#say(offset, key, kind, whole.slice(part.said.length), steps)
    part.done = true
    const frames = () => this.#writer.closePart(offset, key)
    steps.push({ kind: "close", lane: LANE, track: `${offset}.${key}`, frames })
  }

  #annotated(event: RawEvent, steps: StreamStep[]): void {
    const offset = outputIndexOf(event)
    const key = `text.${Number(event["content_index"])}`
    const part = this.#items.get(offset)?.parts.get(key)
    if (part === undefined || part.done) return
    const { value, items } = this.#count(readAnnotation(event, offset))
    steps.push({ kind: "whole", lane: LANE, items, frames: () => this.#writer.annotate(offset, key, value) })
  }

  #done(raw: unknown, itemIndex: number, steps: StreamStep[]): void {
    if (this.#items.get(itemIndex)?.done === true) return
    const { value, items } = this.#count(readItem(raw, itemIndex))
    this.#pending.delete(itemIndex)
    const type = value["type"]
    if (type !== "message" && type !== "reasoning") {
      if (this.#items.has(itemIndex))
        throw new GuardRefusal("upstream_failed", "the upstream changed the type of an item")
      const item = this.#open(itemIndex)
      item.done = true
      const order = item.position * PARTS
      steps.push({ kind: "whole", lane: LANE, items, order, frames: () => this.#writer.wholeItem(itemIndex, value) })
      return
    }
    const { content, summary, status, type: _type, role: _role, ...fields } = value
    const item = this.#item(itemIndex, type === "message" ? "text" : "reasoning", steps)
    const annotated = new Map<string, readonly JsonValue[]>()
    for (const list of [summary, content]) {
      for (const [index, part] of ((list ?? []) as readonly Record<string, JsonValue>[]).entries()) {
        const kind = KIND_OF_TYPE.get(part["type"] as string) as PartKind
        const key = `${kind}.${index}`
        this.#settle(itemIndex, key, kind, part[PART_FORMS[kind].field] as string, steps)
        annotated.set(key, (part["annotations"] ?? []) as readonly JsonValue[])
      }
    }
    for (const [key, { kind, said }] of item.parts) this.#settle(itemIndex, key, kind, said, steps)
    item.done = true
    const ended = typeof status === "string" && status !== "in_progress" ? status : "completed"
    // The item keeps the id under which it was opened.
    const { id: _id, ...rest } = fields
    const frames = () => {
      for (const [key, annotations] of annotated) this.#writer.annotateAll(itemIndex, key, annotations)
      return this.#writer.closeItem(itemIndex, ended, rest)
    }
    steps.push({ kind: "whole", lane: LANE, items, frames })
  }

  #end(event: RawEvent, steps: StreamStep[]): void {
    this.#begin(event, steps)
    const { value, items } = this.#count(readEnded(event))
    const { output, status: _status, ...fields } = value
    for (const [i, item] of (output as readonly unknown[]).entries()) this.#done(item, i, steps)
    const status = event.type.slice("response.".length) as "completed" | "incomplete" | "failed"
    if (status === "completed" && this.#pending.size > 0) {
      throw new GuardRefusal("upstream_failed", "the upstream left a tool call unfinished")
    }
    this.#ended = true
    steps.push({ kind: "whole", lane: EVERY_LANE, items, frames: [] })
    steps.push({ kind: "end", frames: () => this.#writer.end({ status, fields }) })
  }
}
