/**
 * The four growing texts of a response, and the events in which each is written.
 * @module
 */

import type { JsonValue } from "@nightlight/core"
import { compact } from "@nightlight/core"
import type { Channel } from "../../inspect/inspectable.ts"

/** A kind of growing text. */
export type PartKind = "text" | "refusal" | "reasoning" | "summary"

/** The names of a growing text's events and fields. */
export interface PartForm {
  readonly channel: Channel
  /** Name of its events: `response.<event>.delta`. */
  readonly event: string
  /** Name of the events of the part around it. */
  readonly part: string
  /** Field that holds the part's position in its item. */
  readonly index: "content_index" | "summary_index"
  /** Field that holds the text. */
  readonly field: "text" | "refusal"
  readonly type: string
}

/** The names for each kind of growing text. */
export const PART_FORMS: Readonly<Record<PartKind, PartForm>> = {
  text: {
    channel: "text",
    event: "output_text",
    part: "content_part",
    index: "content_index",
    field: "text",
    type: "output_text",
  },
  refusal: {
    channel: "refusal",
    event: "refusal",
    part: "content_part",
    index: "content_index",
    field: "refusal",
    type: "refusal",
  },
  reasoning: {
    channel: "reasoning",
    event: "reasoning_text",
    part: "content_part",
    index: "content_index",
    field: "text",
    type: "reasoning_text",
  },
  summary: {
    channel: "reasoning",
    event: "reasoning_summary_text",
    part: "reasoning_summary_part",
    index: "summary_index",
    field: "text",
    type: "summary_text",
  },
}

/** The kind of a content part by its `type`. */
export const KIND_OF_TYPE: ReadonlyMap<string, PartKind> = new Map(
  (Object.keys(PART_FORMS) as PartKind[]).map((kind) => [PART_FORMS[kind].type, kind]),
)

/** A part as the API shows it. */
export function partJson(kind: PartKind, text: string, annotations: readonly JsonValue[]): Record<string, JsonValue> {
  const { type, field } = PART_FORMS[kind]
  return {
    type,
    [field]: text,
    ...compact({
      annotations: kind === "text" ? [...annotations] : undefined,
      logprobs: kind === "text" ? [] : undefined,
    }),
  }
}
