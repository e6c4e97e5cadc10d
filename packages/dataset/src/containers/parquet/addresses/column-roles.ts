/**
 * Recognises a table of addresses and digests: no cell of it holds a file.
 *
 * Source: the columns of LAION, DataComp, COYO-700M, PD12M and img2dataset.
 * @module
 */

import { digestBytesOf, originFieldOf } from "../../../readers/stated-origin.ts"
import { PARENTS } from "../../records/origin.ts"
import type { ParquetFooter } from "../footer.ts"
import { type Leaf, PHYSICAL, type SchemaNode } from "../schema.ts"

/** A column that is read. */
export interface ReadColumn {
  /** Position among the columns. */
  readonly leaf: number
  /**
   * What its values are looked up as: an address, a digest of the type that its name says, or one of the type that its
   * length says; undefined for a text.
   */
  readonly role: "url" | "digest" | "text"
  /** Whether a digest is stored as bytes. */
  readonly isRaw: boolean
}

/** A longer name could belong to a code that runs through a row's text. */
const PLAIN_NAME = /^[\w .:-]{0,29}$/

/**
 * The columns to be read of a table of addresses and digests.
 *
 * @returns undefined for any other table: one with pictures, with texts in lists or structs, or without such a column.
 */
export function columnRolesOf({ schema }: Pick<ParquetFooter, "schema">): readonly ReadColumn[] | undefined {
  const columns: ReadColumn[] = []
  for (const node of schema.leaves) {
    if (isNumber(node)) continue
    const column = roleOf(node, schema.columns)
    if (column === undefined) return undefined
    columns.push(column)
  }
  if (!schema.columns.every(({ name }) => PLAIN_NAME.test(name) && !PARENTS.has(name))) return undefined
  return columns.some(({ role }) => role !== "text") ? columns : undefined
}

/** Whether the values of a column are numbers, which may be in lists: those of whole numbers could be a file's bytes. */
function isNumber({ repetition, leaf: { content, physical, widthBytes } }: LeafNode): boolean {
  if (repetition > 0 && (content === "signed" || content === "unsigned")) return false
  if (content === "hex") return physical !== PHYSICAL.bytes && widthBytes <= 16
  return content !== "text" && content !== "bytes"
}

type LeafNode = SchemaNode & { readonly leaf: Leaf }

function roleOf(node: LeafNode, columns: readonly SchemaNode[]): ReadColumn | undefined {
  const { leaf, name, repetition } = node
  if (repetition > 0 || !columns.includes(node) || leaf.content === "hex") return undefined
  if (leaf.content === "bytes") {
    return digestBytesOf(name).length === 0 ? undefined : { leaf: leaf.index, role: "digest", isRaw: true }
  }
  const role = originFieldOf(name) === "url" ? "url" : digestBytesOf(name).length > 0 ? "digest" : "text"
  return { leaf: leaf.index, role, isRaw: false }
}
