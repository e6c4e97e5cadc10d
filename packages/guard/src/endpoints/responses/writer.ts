/**
 * Writes a streamed response from what was cleared. Every event that repeats a text, the terminal one included, repeats
 * the text that was written before, never the upstream's. Sequence numbers and positions are its own.
 * @module
 */
import type { JsonValue } from "@nightlight/core"
import { sseFrame } from "../../stream/sse-writer.ts"
import { ownId } from "../own-id.ts"
import type { Echo } from "./answer.ts"
import { PART_FORMS, type PartKind, partJson } from "./part-kinds.ts"
import { itemJson, listOf, type WrittenItem, type WrittenPart } from "./written-item.ts"

type Fields = Readonly<Record<string, JsonValue>>

const PREFIXES: ReadonlyMap<JsonValue | undefined, string> = new Map([
  ["function_call", "fc_"],
  ["custom_tool_call", "ctc_"],
  ["image_generation_call", "ig_"],
])

/** The last state of a response. */
export interface Ending {
  readonly status: "completed" | "incomplete" | "failed"
  /** Usage and the other fields of a finished response. */
  readonly fields: Fields
}

/** The writer of one stream. Its methods return the events to send, in order. */
export class ResponseWriter {
  readonly #echo: Echo
  #head: Fields
  #sequence = 0
  #begun = false
  /** Items by the upstream's position; the one that the guard may add has a negative position. */
  readonly #items = new Map<number, WrittenItem>()

  /** @param head - id, time and model, unless the upstream sends others. */
  constructor(echo: Echo, head: Fields) {
    this.#echo = echo
    this.#head = head
  }

  begin(head: Fields = {}): string[] {
    if (this.#begun) return []
    this.#begun = true
    this.#head = { ...this.#head, ...head }
    const response = this.#response("in_progress", {})
    return [this.#frame("response.created", { response }), this.#frame("response.in_progress", { response })]
  }

  /** Opens a growing item. */
  openItem(itemIndex: number, type: "message" | "reasoning", fields: Fields): string[] {
    const index = this.#items.size
    const { id } = fields
    const item: WrittenItem = {
      index,
      id: typeof id === "string" && id !== "" ? id : ownId(type === "message" ? "msg_" : "rs_"),
      type,
      fields,
      parts: new Map(),
      open: true,
    }
    this.#items.set(itemIndex, item)
    return [this.#frame("response.output_item.added", { output_index: index, item: itemJson(item) })]
  }

  openPart(offset: number, key: string, kind: PartKind): string[] {
    const item = this.#item(offset)
    const position = [...item.parts.values()].filter((part) => listOf(part.kind) === listOf(kind)).length
    const part: WrittenPart = { kind, index: position, text: "", annotations: [], open: true }
    item.parts.set(key, part)
    return [this.#partFrame(`${PART_FORMS[kind].part}.added`, item, part, { part: partJson(kind, "", []) })]
  }

  delta(itemIndex: number, key: string, text: string): string[] {
    const item = this.#item(itemIndex)
    const part = partOf(item, key)
    part.text += text
    const { event } = PART_FORMS[part.kind]
    const rest = part.kind === "text" ? { delta: text, logprobs: [] } : { delta: text }
    return [this.#partFrame(`${event}.delta`, item, part, rest)]
  }

  annotate(offset: number, key: string, annotation: JsonValue): string[] {
    const item = this.#item(offset)
    const part = partOf(item, key)
    const annotation_index = part.annotations.length
    part.annotations = [...part.annotations, annotation]
    return [this.#partFrame("output_text.annotation.added", item, part, { annotation_index, annotation })]
  }

  /** Records all annotations of a part, as the finished item has them. */
  annotateAll(offset: number, key: string, annotations: readonly JsonValue[]): void {
    partOf(this.#item(offset), key).annotations = annotations
  }

  closePart(offset: number, key: string): string[] {
    const item = this.#item(offset)
    const part = partOf(item, key)
    if (!part.open) return []
    part.open = false
    const { event, field, part: around } = PART_FORMS[part.kind]
    const said = part.kind === "text" ? { text: part.text, logprobs: [] } : { [field]: part.text }
    return [
      this.#partFrame(`${event}.done`, item, part, said),
      this.#partFrame(`${around}.done`, item, part, { part: partJson(part.kind, part.text, part.annotations) }),
    ]
  }

  /** Closes a growing item. `fields` replace those that it was opened with. */
  closeItem(offset: number, status: string, fields: Fields = {}): string[] {
    const item = this.#item(offset)
    if (!item.open) return []
    const parts = [...item.parts.keys()].flatMap((key) => this.closePart(offset, key))
    item.open = false
    item.fields = { ...item.fields, ...fields, status }
    return [...parts, this.#frame("response.output_item.done", { output_index: item.index, item: itemJson(item) })]
  }

  /** Writes a complete call or picture. */
  wholeItem(itemIndex: number, fields: Fields): string[] {
    const index = this.#items.size
    const prefix = PREFIXES.get(fields["type"]) ?? "item_"
    const id = typeof fields["id"] === "string" && fields["id"] !== "" ? fields["id"] : ownId(prefix)
    const whole: Fields = { ...fields, id }
    this.#items.set(itemIndex, { index, id, type: "whole", fields: whole, parts: new Map(), open: false })
    const place = { item_id: id, output_index: index }
    const event = (name: string, rest: Fields = {}) => this.#frame(`response.${name}`, { ...place, ...rest })
    const added = (rest: Fields) =>
      this.#frame("response.output_item.added", {
        output_index: index,
        item: { ...whole, status: "in_progress", ...rest },
      })
    const done = () => this.#frame("response.output_item.done", { output_index: index, item: whole })
    const { type, name = "", arguments: given = "", input = "" } = whole
    if (type === "function_call") {
      return [
        added({ arguments: "" }),
        event("function_call_arguments.delta", { delta: given }),
        event("function_call_arguments.done", { name, arguments: given }),
        done(),
      ]
    }
    if (type === "custom_tool_call") {
      return [
        added({ input: "" }),
        event("custom_tool_call_input.delta", { delta: input }),
        event("custom_tool_call_input.done", { input }),
        done(),
      ]
    }
    return [
      added({ result: null }),
      event("image_generation_call.in_progress"),
      event("image_generation_call.completed"),
      done(),
    ]
  }

  /** Ends the response, closing what is open. */
  end({ status, fields }: Ending): string[] {
    const items = [...this.#items.keys()].flatMap((itemIndex) =>
      this.closeItem(itemIndex, status === "completed" ? "completed" : "incomplete"),
    )
    const response = this.#response(status, fields)
    return [...this.begin(), ...items, this.#frame(`response.${status}`, { response })]
  }

  /** Ends the response as filtered, with a refusal in place of what was withheld. */
  withheld(message: string): string[] {
    const begun = this.begin()
    const open = [...this.#items].findLast(([, item]) => item.open && item.type === "message")?.[0]
    const others = [...this.#items].flatMap(([itemIndex, { parts }]) =>
      itemIndex === open
        ? [...parts.keys()].flatMap((key) => this.closePart(itemIndex, key))
        : this.closeItem(itemIndex, "incomplete"),
    )
    const itemIndex = open ?? -1
    const opened = open === undefined ? this.openItem(itemIndex, "message", {}) : []
    return [
      ...begun,
      ...others,
      ...opened,
      ...this.openPart(itemIndex, "withheld", "refusal"),
      ...this.delta(itemIndex, "withheld", message),
      ...this.closeItem(itemIndex, "incomplete"),
      ...this.end({ status: "incomplete", fields: { incomplete_details: { reason: "content_filter" } } }),
    ]
  }

  /** Reports a broken stream, in the forms that clients know. */
  error(body: string): string[] {
    const { error } = JSON.parse(body) as { readonly error: Fields }
    const { code = null, message = "", param = null } = error
    return [this.#frame("error", { code, message, param, error })]
  }

  #response(status: string, fields: Fields): JsonValue {
    const output = [...this.#items.values()].filter(({ open }) => !open).map((item) => itemJson(item))
    return { ...this.#echo, ...this.#head, object: "response", status, output, usage: null, ...fields }
  }

  #item(itemIndex: number): WrittenItem {
    const item = this.#items.get(itemIndex)
    if (item === undefined) throw new Error("an item was written before it was opened")
    return item
  }

  #partFrame(name: string, item: WrittenItem, part: WrittenPart, rest: Fields): string {
    return this.#frame(`response.${name}`, {
      item_id: item.id,
      output_index: item.index,
      [PART_FORMS[part.kind].index]: part.index,
      ...rest,
    })
  }

  #frame(type: string, fields: Fields): string {
    return sseFrame(JSON.stringify({ type, sequence_number: this.#sequence++, ...fields }), type)
  }
}

function partOf(item: WrittenItem, key: string): WrittenPart {
  const part = item.parts.get(key)
  if (part === undefined) throw new Error("a part was written before it was opened")
  return part
}
