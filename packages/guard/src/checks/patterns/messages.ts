import type { CheckItem, TextPart } from "../../inspect/inspectable.ts"

/** Texts that stand next to each other in one message, as one. */
export interface JoinedText {
  readonly text: string
}

/** Joins the texts of each message that has several, so that nothing hides in the cut between two parts. */
export function joinedTexts(items: readonly CheckItem[]): JoinedText[] {
  const messages = new Map<string, string[]>()
  for (const item of items) {
    if (item.kind !== "text") continue
    const key = messageOf(item)
    const texts = messages.get(key)
    if (texts === undefined) messages.set(key, [item.text])
    else texts.push(item.text)
  }
  return [...messages.values()].filter(({ length }) => length > 1).map((texts) => ({ text: texts.join("") }))
}

/** `messages[3]` of `messages[3].content[0].text`. */
function messageOf({ path, role, choice }: TextPart): string {
  const head = /^[^.[]*(?:\[\d+\])?/.exec(path)?.[0] ?? ""
  return `${choice}/${role}/${head}`
}
