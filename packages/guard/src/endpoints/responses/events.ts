/**
 * Events of a streamed response, read.
 * @module
 */
import type { JsonValue } from "@nightlight/core"
import { GuardRefusal } from "../../errors.ts"
import type { CheckItem } from "../../inspect/inspectable.ts"
import { integer, list, nullable, object, omitted, oneOf, type Shape, text, variants } from "../../inspect/shape.ts"
import { readUpstreamJson } from "../../inspect/strict-json.ts"
import { Walk } from "../../inspect/walk.ts"
import { growing, unread } from "../forced.ts"
import { responseHead } from "./answer.ts"
import { annotation, outputItem, phase } from "./items.ts"
import { PART_FORMS, type PartKind } from "./part-kinds.ts"

/**
 * The value that was read and its items to be checked. Growing texts are not among the items: their codec collects
 * them.
 */
export interface ReadEvent<T> {
  readonly value: T
  readonly items: readonly CheckItem[]
  /** Number of fields that were left out. */
  readonly dropped: number
}

/** Reads a value by a shape. @throws {GuardRefusal} `upstream_failed`. */
function read<T>(shape: Shape, value: unknown, path: string, choice: number): ReadEvent<T> {
  const walk = new Walk("drop", "assistant")
  walk.choice = choice
  const copy = shape(value, path, walk) as T
  return { value: copy, items: walk.items as readonly CheckItem[], dropped: walk.dropped }
}

/** An event before its kind is known. */
export interface RawEvent {
  readonly type: string
  readonly output_index?: unknown
  readonly [field: string]: unknown
}

/** Reads an event. An `error` event ends the stream. @throws {GuardRefusal} `upstream_failed`. */
export function readEvent(data: string): RawEvent {
  const value = readUpstreamJson(data) as RawEvent | null
  if (typeof value !== "object" || value === null || typeof value.type !== "string") {
    throw new GuardRefusal("upstream_failed", "an event of the upstream's stream does not belong to this API")
  }
  if (value.type === "error" || value["error"] != null) {
    throw new GuardRefusal("upstream_failed", "the upstream reported an error")
  }
  return value
}

const position = integer(0, 1023)

/** Index of the item that an event is about. */
export function outputIndexOf({ output_index }: RawEvent): number {
  return read<number>(position, output_index, "output_index", 0).value
}

const { id, created_at, model, service_tier, parallel_tool_calls, temperature, top_p } = responseHead
const begun = object({}, { id, created_at, model, service_tier, parallel_tool_calls, temperature, top_p })

/** Reads the response in the event that begins it. */
export function readBegun({ response }: RawEvent): ReadEvent<Record<string, JsonValue>> {
  return read(begun, response, "response", 0)
}

const ended = object(
  { output: list(unread, 1024) },
  { ...responseHead, status: oneOf("completed", "incomplete", "failed") },
)

/** Reads the response in a terminal event; its output is read separately. */
export function readEnded({ response }: RawEvent): ReadEvent<Record<string, JsonValue>> {
  return read(ended, response, "response", 0)
}

/**
 * Messages get the guard's own ids, so that a text can begin without a check of its id. Reasoning keeps the upstream's
 * id.
 */
const opened: Shape = variants("type", {
  message: object({ type: oneOf("message") }, { id: omitted, phase }),
  reasoning: object({ type: oneOf("reasoning") }, { id: nullable(text("label")), encrypted_content: omitted }),
})

/** Reads a growing item as it is opened. */
export function readOpened(
  { item }: RawEvent,
  offset: number,
): ReadEvent<Record<string, JsonValue> & { readonly type: "message" | "reasoning" }> {
  return read(opened, item, `output[${offset}]`, offset)
}

const grown = outputItem(() => growing, omitted)

/** Reads a complete item. */
export function readItem(item: unknown, offset: number): ReadEvent<Record<string, JsonValue>> {
  return read(grown, item, `output[${offset}]`, offset)
}

/** Reads an annotation of a text. */
export function readAnnotation(event: RawEvent, offset: number): ReadEvent<JsonValue> {
  return read(annotation, event["annotation"], `output[${offset}].annotation`, offset)
}

/** An event about a growing text. */
export interface PartEvent {
  readonly kind: PartKind
  readonly verb: "delta" | "done"
  /** Position in its list, by the upstream's count. */
  readonly index: number
  readonly text: string
}

const PART_EVENTS: ReadonlyMap<string, Pick<PartEvent, "kind" | "verb">> = new Map(
  (Object.keys(PART_FORMS) as PartKind[]).flatMap((kind) =>
    (["delta", "done"] as const).map((verb) => [`response.${PART_FORMS[kind].event}.${verb}`, { kind, verb }] as const),
  ),
)

/** Reads an event of a growing text; `undefined` for any other event. */
export function readPartEvent(event: RawEvent): PartEvent | undefined {
  const known = PART_EVENTS.get(event.type)
  if (known === undefined) return undefined
  const { kind, verb } = known
  const { index, field } = PART_FORMS[kind]
  const said = verb === "delta" ? event["delta"] : event[field]
  return {
    kind,
    verb,
    index: read<number>(position, event[index], index, 0).value,
    text: read<string>(growing, said, verb, 0).value,
  }
}
