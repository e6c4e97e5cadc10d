/**
 * An item of a streamed response, as far as it was written to the caller.
 * @module
 */

import type { JsonValue } from "@nightlight/core"
import { compact } from "@nightlight/core"
import { type PartKind, partJson } from "./part-kinds.ts"

/** A part of an item, as far as it was written. */
export interface WrittenPart {
  readonly kind: PartKind
  /** Its position among the parts of its kind of list, as the caller knows it. */
  readonly index: number
  text: string
  annotations: readonly JsonValue[]
  open: boolean
}

/** An item, as far as it was written. */
export interface WrittenItem {
  /** Its position in the output, as the caller knows it. */
  readonly index: number
  readonly id: string
  readonly type: "message" | "reasoning" | "whole"
  /** Fields beside the parts; of a `whole` item everything. */
  fields: Readonly<Record<string, JsonValue>>
  readonly parts: Map<string, WrittenPart>
  open: boolean
}

/** Which list of its item a kind stands in. */
export function listOf(kind: PartKind): "summary" | "content" {
  return kind === "summary" ? "summary" : "content"
}

/** The item as the API shows it. */
export function itemJson({ id, type, fields, parts, open }: WrittenItem, status?: string): JsonValue {
  if (type === "whole") return fields
  const shown = (name: "summary" | "content") =>
    [...parts.values()]
      .filter(({ kind }) => listOf(kind) === name)
      .map(({ kind, text, annotations }) => partJson(kind, text, annotations))
  const head = { ...fields, id, type, status: status ?? (open ? "in_progress" : (fields["status"] ?? "completed")) }
  if (type === "message") return { ...head, role: "assistant", content: shown("content") }
  const content = shown("content")
  return { ...head, summary: shown("summary"), ...compact({ content: content.length > 0 ? content : undefined }) }
}
