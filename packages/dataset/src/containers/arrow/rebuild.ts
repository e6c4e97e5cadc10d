/**
 * The parts of a record batch that keeps some of its values.
 * @module
 */
import { compact } from "@nightlight/core"
import type { Column, RebuiltParts } from "./columns/column.ts"
import { type Span, SpanList } from "./columns/spans.ts"
import type { OpenBatch } from "./open-batch.ts"

/** Gathers the parts of columns that keep the values of spans. */
export function rebuildParts(
  columns: readonly Column[],
  spans: readonly Span[],
  fillOf?: RebuiltParts["fillOf"],
): RebuiltParts {
  const parts: RebuiltParts = { nodes: [], buffers: [], ...compact({ fillOf }) }
  for (const column of columns) column.rebuild(spans, parts)
  return parts
}

/** The rows that are not dropped. */
export function keptRows(dropped: Uint8Array): readonly Span[] {
  const list = new SpanList()
  for (const [index, mark] of dropped.entries()) if (mark === 0) list.push(index, 1, false)
  return list.spans
}

/** All values of a dictionary, in place, those that are dropped emptied. */
export function emptiedValues(dropped: Uint8Array): readonly Span[] {
  const list = new SpanList()
  for (const [index, mark] of dropped.entries()) list.push(index, 1, mark !== 0)
  return list.spans
}

/** Most bytes that a writer leaves behind a buffer's values as padding that is not zero. */
const PADDING_BYTES = 64

/** Whether a batch has what its rebuilt parts have, and nothing besides but padding. */
export function areSameParts({ nodes, buffers }: OpenBatch, parts: RebuiltParts): boolean {
  return (
    nodes.every(({ length }, index) => length === parts.nodes[index]?.length) &&
    buffers.every((bytes, index) => isSameBuffer(bytes, parts.buffers[index] ?? new Uint8Array()))
  )
}

function isSameBuffer(bytes: Uint8Array, rebuilt: Uint8Array): boolean {
  const { length } = rebuilt
  // Without values there may be no offset at all.
  if (bytes.length < length) return bytes.length === 0 && rebuilt.every((byte) => byte === 0)
  if (Buffer.compare(bytes.subarray(0, length), rebuilt) !== 0) return false
  const behind = bytes.subarray(length)
  return behind.length <= PADDING_BYTES || behind.every((byte) => byte === 0)
}
