/**
 * Makes the turns of a conversation from the strings of a body; classifiers are asked about turns.
 * @module
 */

import type { CheckItem, Direction, Role, TextPart } from "../../../inspect/inspectable.ts"
import type { CheckContext } from "../../check.ts"

/** The whole text of one message, one answer or one group of definitions. */
export interface Turn {
  readonly role: Role
  /** True for names, descriptions and schemas of tools and answer formats, which form one turn together. */
  readonly isDefinition: boolean
  readonly text: string
  /** For an answer with several choices: the choice. */
  readonly choice: number
  /** Positions of its parts among the items. */
  readonly items: readonly number[]
}

/** Fields that hold a conversation: each of their entries is a turn. All entries of any other field form one turn. */
const CONVERSATION = /^(?:messages|input|prompt|structured_messages|texts)(?:\[\d+\])?$/

/** Ids, names and keys are left to pattern checks; a label with a space or a letter beyond ASCII counts as speech. */
const PLAIN_LABEL = /^[\x21-\x7e]*$/

/**
 * Makes the turns, in order: definitions and fields outside the conversation first, wherever they stood in the body.
 * Only blank texts and plain labels are left out.
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

/**
 * Cuts the turns of each choice apart, since several answers to one request are independent of each other.
 *
 * @param cut - `before`: what an answer was asked; empty for a request.
 */
export function cutByChoice<Cut>(
  items: readonly CheckItem[],
  { direction, requestItems = [] }: Pick<CheckContext, "direction" | "requestItems">,
  cut: (turns: readonly Turn[], before: readonly Turn[]) => readonly Cut[],
): Cut[] {
  const turns = turnsOf(items, direction)
  const before = direction === "output" ? turnsOf(requestItems, "input") : []
  const choices = [...new Set(turns.map(({ choice }) => choice))]
  return choices.flatMap((choice) =>
    cut(
      turns.filter((turn) => turn.choice === choice),
      before,
    ),
  )
}

/** Ids of calls and names of tools appear within a tool's answer, on its channel. */
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

/**
 * The parts as one text. Parts of speech may be cut within a word, so they are joined without a space, as clients do.
 */
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
