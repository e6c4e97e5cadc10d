/**
 * An item of a streamed response, as far as it was written to the caller.
 * @module
 */

import type { JsonValue } from "@nightlight/core"
import { compact } from "@nightlight/core"
import { type PartKind, partJson } from "./part-kinds.ts"

/** The part of an item that was written so far. */
export interface WrittenPart {
  readonly kind: PartKind
  /** Its position in its list of parts, as the caller sees it. */
  readonly index: number
  text: string
  annotations: readonly JsonValue[]
  open: boolean
}

/** An item, as far as it was written. */
export interface WrittenItem {
  /** Its position in the output, as the caller sees it. */
  readonly index: number
  readonly id: string
  readonly type: "message" | "reasoning" | "whole"
  /** Fields beside the parts; for a `whole` item all its fields. */
  fields: Readonly<Record<string, JsonValue>>
  readonly parts: Map<string, WrittenPart>
  open: boolean
}

/** The list of its item that holds a kind. */
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
