/**
 * From the strings of a body to the turns of a conversation: what a classifier is asked about.
 * @module
 */
import type { CheckItem, Direction, Role, TextPart } from "../../../inspect/inspectable.ts"

/** Everything that one message, one answer or one group of definitions says, as one text. */
export interface Turn {
  readonly role: Role
  /** Names, descriptions and schemas of tools and answer formats, all of them together. */
  readonly isDefinition: boolean
  readonly text: string
  /** Of an answer with several: which one. */
  readonly choice: number
  /** Positions of its parts among the items. */
  readonly items: readonly number[]
}

/** Fields that hold a conversation: each of their entries is a turn. Of any other field all entries are one. */
const CONVERSATION = /^(?:messages|input|prompt|structured_messages|texts)(?:\[\d+\])?$/

/** Ids, names and keys are for pattern checks; a label with words or with letters beyond ASCII is read as what is said. */
const PLAIN_LABEL = /^[\x21-\x7e]*$/

/**
 * Makes the turns, in order: definitions and fields beside the conversation first, wherever they stood in the body.
 * Nothing but blank texts and plain labels is left out.
 */
export function turnsOf(items: readonly CheckItem[], direction: Direction): Turn[] {
  const turns = new Map<string, { part: TextPart; parts: TextPart[]; items: number[] }>()
  for (const [index, item] of items.entries()) {
    if (item.kind !== "text" || item.text.trim() === "") continue
    if (isLabel(item) && PLAIN_LABEL.test(item.text)) continue
    const key = keyOf(item, direction)
    const turn = turns.get(key)
    if (turn === undefined) turns.set(key, { part: item, parts: [item], items: [index] })
    else {
      turn.parts.push(item)
      turn.items.push(index)
    }
  }
  const all = [...turns.values()].map(({ part, parts, items: positions }) => ({
    turn: {
      role: part.role,
      isDefinition: part.channel === "definition",
      text: written(parts),
      choice: part.choice,
      items: positions,
    },
    isSaid: direction === "output" || CONVERSATION.test(headOf(part.path)),
  }))
  return [...all.filter(({ isSaid }) => !isSaid), ...all.filter(({ isSaid }) => isSaid)].map(({ turn }) => turn)
}

/** Ids of calls and names of tools stand within a tool's answer, on its channel. */
function isLabel({ channel, path }: TextPart): boolean {
  return channel === "label" || (channel === "tool_result" && /\.(?:tool_call_id|call_id|id|name)$/.test(path))
}

function keyOf({ path, role, channel, choice }: TextPart, direction: Direction): string {
  if (channel === "definition") return "definitions"
  if (direction === "output") return `${choice}/${role}`
  const head = headOf(path)
  return `${choice}/${role}/${CONVERSATION.test(head) ? head : head.replace(/\[.*/, "")}`
}

/** `messages[3]` of `messages[3].content[0].text`. */
function headOf(path: string): string {
  return /^[^.[{]*(?:\[\d+\])?/.exec(path)?.[0] ?? ""
}

/** Whether a part is the key of an object that is the caller's own, such as a schema's. */
function isKey({ path }: TextPart): boolean {
  return path.endsWith("}")
}

/** The parts as one text. Parts of what is said may be cut within a word, as a client that joins them shows it whole. */
function written(parts: readonly TextPart[]): string {
  let text = ""
  for (const part of parts) {
    const isCut = isSaid(part) && /[\p{L}\p{M}\p{N}]$/u.test(text) && /^[\p{L}\p{M}\p{N}]/u.test(part.text)
    if (text !== "" && !isCut && !text.endsWith("\n") && (isKey(part) || !text.endsWith(": "))) text += "\n"
    text += isKey(part) ? `${part.text}: ` : part.text
  }
  return text
}

function isSaid({ channel }: TextPart): boolean {
  return channel === "text" || channel === "refusal" || channel === "tool_result"
}
