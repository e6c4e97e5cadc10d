import type { CheckItem, Direction, TextPart } from "../../inspect/inspectable.ts"
import { JOINS, rankOf } from "../../inspect/joins.ts"

/** Texts that stand next to each other in one message, as one. */
export interface JoinedText {
  readonly text: string
}

/**
 * Joins the texts of each message that has several, as its readers do, so that nothing hides in the cut between two
 * parts, items or fields. In an answer, everything of one choice is one message, and so is the whole output of a
 * response.
 */
export function joinedTexts(items: readonly CheckItem[], direction: Direction): JoinedText[] {
  if (items.length < 2) return []
  const messages = new Map<string, TextPart[]>()
  for (const item of items) {
    if (item.kind !== "text") continue
    const key = messageOf(item, direction)
    const texts = messages.get(key)
    if (texts === undefined) messages.set(key, [item])
    else texts.push(item)
  }
  return [...messages].flatMap(([key, texts]) => {
    if (texts.length < 2) return []
    // Fields come in any order, and are read in a fixed one; the items of a response's output are read as they come.
    const read = texts.toSorted((a, b) => rankOf(a.channel) - rankOf(b.channel))
    const orders = key === OUTPUT || read.every((text, index) => text === texts[index]) ? [texts] : [texts, read]
    const joined = orders.flatMap((parts) => {
      const sets = JOINS.map((set) => parts.filter(({ channel }) => set.has(channel)))
      // An answer's ids are the API's; a request's ids are the caller's, and may carry part of a message.
      if (direction === "input") sets.push(parts)
      return sets
        .filter(({ length }, index) => length > 1 && length !== sets[index - 1]?.length)
        .map((own) => own.map(({ text }) => text).join(""))
    })
    return Array.from(new Set(joined), (text) => ({ text }))
  })
}

/** All items of a response's output are one message. */
const OUTPUT = "output"

/** `messages[3]` of `messages[3].content[0].text`. */
function messageOf({ path, role, choice }: TextPart, direction: Direction): string {
  if (direction === "output" && path.startsWith("choices[")) return `choice/${choice}`
  if (direction === "output" && path.startsWith("output[")) return OUTPUT
  const head = /^[^.[]*(?:\[\d+\])?/.exec(path)?.[0] ?? ""
  return `${choice}/${role}/${head}`
}
