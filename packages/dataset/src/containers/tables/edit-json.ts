/**
 * Changes members of a JSON object, and keeps all other bytes.
 * @module
 */

/** A change of one member. */
export type JsonEdit =
  | { readonly kind: "drop" }
  | { readonly kind: "set"; readonly value: unknown }
  | { readonly kind: "edit"; readonly members: JsonEdits }

/** Changes by the member's key; members that are not there are not added. */
export type JsonEdits = ReadonlyMap<string, JsonEdit>

interface Member {
  readonly key: string
  /** Offset of the key. */
  readonly start: number
  readonly valueStart: number
  readonly end: number
}

/** @param text - Valid JSON, as `JSON.parse` accepts it. What is no object is returned as it is. */
export function editJson(text: string, edits: JsonEdits): string {
  const start = skipSpace(text, 0)
  // Of a key that is there twice, `JSON.parse` shows the last value only: another one may be no object.
  if (text[start] !== "{") return text
  const { members, end } = membersOf(text, start)
  const [first] = members
  if (first === undefined) return text
  let edited = text.slice(0, first.start)
  let isFirst = true
  for (const [index, member] of members.entries()) {
    const edit = edits.get(member.key)
    if (edit?.kind === "drop") continue
    const before = members[index - 1]
    if (!isFirst && before !== undefined) edited += text.slice(before.end, member.start)
    edited += text.slice(member.start, member.valueStart) + editedValue(text.slice(member.valueStart, member.end), edit)
    isFirst = false
  }
  return edited + text.slice(members.at(-1)?.end ?? end)
}

function editedValue(value: string, edit: Exclude<JsonEdit, { readonly kind: "drop" }> | undefined): string {
  if (edit === undefined) return value
  return edit.kind === "set" ? JSON.stringify(edit.value) : editJson(value, edit.members)
}

function membersOf(text: string, start: number): { readonly members: readonly Member[]; readonly end: number } {
  const members: Member[] = []
  let position = skipSpace(text, start + 1)
  while (text[position] === '"') {
    const keyEnd = valueEnd(text, position)
    const valueStart = skipSpace(text, skipSpace(text, keyEnd) + 1)
    const end = valueEnd(text, valueStart)
    members.push({ key: String(JSON.parse(text.slice(position, keyEnd))), start: position, valueStart, end })
    position = skipSpace(text, end)
    if (text[position] === ",") position = skipSpace(text, position + 1)
  }
  return { members, end: position }
}

/** Offset behind the value that begins at an offset. */
function valueEnd(text: string, start: number): number {
  let depth = 0
  for (let position = start; position < text.length; ) {
    const character = text[position] ?? ""
    if (character === '"') position = stringEnd(text, position)
    else if (character === "{" || character === "[") {
      depth++
      position++
      continue
    } else if (character === "}" || character === "]") {
      depth--
      position++
    } else if (/[\s,:]/.test(character)) {
      position++
      continue
    } else while (/[^\s{}[\],:"]/.test(text[position] ?? " ")) position++
    if (depth === 0) return position
  }
  return text.length
}

function stringEnd(text: string, start: number): number {
  let position = start + 1
  while (position < text.length && text[position] !== '"') position += text[position] === "\\" ? 2 : 1
  return position + 1
}

function skipSpace(text: string, start: number): number {
  let position = start
  while (/\s/.test(text[position] ?? "x")) position++
  return position
}
