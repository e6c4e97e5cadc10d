/**
 * The cost of a YAML file, determined from its tokens before parsing: nesting, aliases and tens of thousands of empty
 * values take the parser far longer than their size suggests.
 * @module
 */
import { CST, Lexer } from "yaml"

/** Deepest allowed nesting of collections. */
export const YAML_DEPTH_MAX = 32

/** Part of a file that exceeds the limits, with its offset in UTF-16 code units from the start. */
export interface YamlExcess {
  readonly offset: number
  readonly message: string
}

/**
 * Checks a file's tokens up to the first one beyond a limit.
 *
 * @param maxTokens - values, marks, spaces and line ends together.
 */
export function yamlExcess(text: string, maxTokens: number): YamlExcess | undefined {
  let offset = 0
  let tokens = 0
  let flow = 0
  /** Marks on one line that each begin a collection within the previous one. */
  let compact = 0
  for (const source of new Lexer().lex(text)) {
    const type = CST.tokenType(source)
    if (++tokens > maxTokens) return { offset, message: `the file has more than ${maxTokens} parts` }
    if (type === "alias" || type === "anchor")
      return { offset, message: `YAML ${type === "alias" ? "aliases" : "anchors"} are not allowed here` }
    if (type === "tag") return { offset, message: "YAML tags are not allowed here" }
    if (type === "newline") compact = 0
    if (type === "seq-item-ind" || type === "explicit-key-ind" || type === "map-value-ind") compact++
    if (type === "flow-seq-start" || type === "flow-map-start") flow++
    if (type === "flow-seq-end" || type === "flow-map-end") flow = Math.max(0, flow - 1)
    const depth = Math.max(flow, flow === 0 ? compact : 0)
    if (depth > YAML_DEPTH_MAX) return { offset, message: `the file is nested more than ${YAML_DEPTH_MAX} deep` }
    // Tokens that the lexer adds have no length.
    if (type !== null && !ADDED.has(source)) offset += source.length
  }
  return undefined
}

const ADDED: ReadonlySet<string> = new Set([CST.BOM, CST.DOCUMENT, CST.FLOW_END, CST.SCALAR])
