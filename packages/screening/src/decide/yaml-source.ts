/**
 * Reads bounded, plain YAML (no aliases, anchors or tags) and remembers the position of every value.
 * @module
 */
import { isNode, isPair, isScalar, LineCounter, type ParsedNode, parseDocument, visit } from "yaml"
import type { Place, PolicyProblem } from "./problems.ts"
import { yamlExcess } from "./yaml-bounds.ts"

/** A parsed file. */
export interface YamlSource {
  /** Plain JSON-like value. */
  readonly value: unknown
  /** Position of the value at a path, or of its nearest ancestor. */
  place(path: readonly PropertyKey[]): Place
  /** Position of the key of a mapping's member. */
  placeOfKey(path: readonly PropertyKey[], key: string): Place
  /** Position of a character of a string value, in any YAML style. */
  placeInString(path: readonly PropertyKey[], offset: number): Place
}

/** The file, or its problems. */
export type YamlResult =
  | { readonly ok: true; readonly source: YamlSource }
  | { readonly ok: false; readonly problems: readonly PolicyProblem[] }

/** Largest file that is read: bytes of UTF-8, and parts as {@link yamlExcess} counts them. */
export interface YamlLimits {
  readonly bytes: number
  readonly parts: number
}

/** Parses a file. Never throws; a file beyond the limits is not parsed. */
export function readYaml(text: string, file: string, { bytes: maxBytes, parts }: YamlLimits): YamlResult {
  const sizeBytes = Buffer.byteLength(text)
  if (sizeBytes > maxBytes) {
    const message = `the file has ${sizeBytes} bytes; at most ${maxBytes} are read`
    return { ok: false, problems: [{ file, line: 1, column: 1, message }] }
  }
  const lines = new LineCounter()
  const excess = yamlExcess(text, parts)
  if (excess !== undefined) {
    const before = text.slice(0, excess.offset).split("\n")
    const place = { line: before.length, column: (before.at(-1) ?? "").length + 1 }
    return { ok: false, problems: [{ file, ...place, message: excess.message }] }
  }
  const document = parseDocument(text, {
    lineCounter: lines,
    schema: "core",
    merge: false,
    prettyErrors: false,
    // The library's own check compares every key of a mapping with every other.
    uniqueKeys: false,
  })
  const faults = [...document.errors, ...document.warnings].map(({ pos, message }) => ({ offset: pos[0], message }))
  if (document.contents !== null && faults.length === 0) faults.push(...forbidden(document.contents))
  if (faults.length > 0) {
    const problems = faults.map(({ offset, message }) => ({ file, ...placeAt(offset), message }))
    return { ok: false, problems: problems.slice(0, 20) }
  }

  return {
    ok: true,
    source: {
      value: document.toJS({ maxAliasCount: 0 }),
      place: (path) => placeAt(nodeAt(path)?.range?.[0] ?? 0),
      placeOfKey(path, key) {
        const node = nodeAt(path)
        const items = node !== undefined && "items" in node ? (node.items as readonly unknown[]) : []
        const pair = items.find((item) => isPair(item) && isScalar(item.key) && item.key.value === key)
        return placeAt((isPair(pair) && isNode(pair.key) ? pair.key.range?.[0] : node?.range?.[0]) ?? 0)
      },
      placeInString(path, offset) {
        const node = nodeAt(path)
        if (!isScalar(node) || typeof node.value !== "string") return placeAt(node?.range?.[0] ?? 0)
        const [start, end] = node.range ?? [0, 0]
        return placeAt(start + sourceOffset(text.slice(start, end), node.value, offset))
      },
    },
  }

  function placeAt(offset: number): Place {
    const { line, col } = lines.linePos(offset)
    // An empty file has no line starts.
    return { line: Math.max(line, 1), column: Math.max(col, 1) }
  }

  function nodeAt(path: readonly PropertyKey[]): ParsedNode | undefined {
    for (let depth = path.length; depth >= 0; depth--) {
      const node = depth === 0 ? document.contents : document.getIn(path.slice(0, depth), true)
      if (isNode(node)) return node as ParsedNode
    }
    return undefined
  }
}

/** Finds aliases, anchors and tags, which make a small file large or change a value's type, and duplicate keys. */
function forbidden(contents: ParsedNode): { offset: number; message: string }[] {
  const faults: { offset: number; message: string }[] = []
  visit(contents, {
    Map: (_, { items }) => {
      const keys = new Set<unknown>()
      for (const { key } of items) {
        const value = isScalar(key) ? key.value : key
        if (keys.has(value))
          faults.push({ offset: (isNode(key) ? key.range?.[0] : undefined) ?? 0, message: "Map keys must be unique" })
        keys.add(value)
      }
    },
    Alias: (_, node) =>
      void faults.push({ offset: node.range?.[0] ?? 0, message: "YAML aliases are not allowed here" }),
    Node: (_, node) => {
      const offset = node.range?.[0] ?? 0
      if ("anchor" in node && node.anchor !== undefined) {
        faults.push({ offset, message: "YAML anchors are not allowed here" })
      }
      if (node.tag !== undefined) faults.push({ offset, message: "YAML tags are not allowed here" })
    },
  })
  return faults
}

/**
 * Finds a value's character in its source by counting characters other than white space: quoting, folding and
 * indentation change nothing else, except for the backslash or quote that escapes a character.
 */
function sourceOffset(source: string, value: string, offset: number): number {
  const quote = source[0]
  const escaping = quote === '"' ? "\\" : quote === "'" ? "'" : undefined
  let position = escaping !== undefined ? 1 : 0
  if (quote === "|" || quote === ">") position = source.indexOf("\n") + 1
  for (let i = 0; i <= offset && i < value.length; i++) {
    if (/\s/.test(value[i] ?? "")) continue
    while (position < source.length && /\s/.test(source[position] ?? "")) position++
    if (escaping !== undefined && source[position] === escaping) position++
    if (i === offset) return position
    position++
  }
  return Math.min(position, source.length)
}
