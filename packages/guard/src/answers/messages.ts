/**
 * The message that a caller reads when something was blocked: the operator's words, by language. It is the same
 * whatever was found.
 * @module
 */

/** Used where the operator wrote nothing. */
export const DEFAULT_MESSAGE = "This request was stopped by the operator's safety filter."

/**
 * Chooses the message for an `accept-language` header.
 *
 * @param messages - by language tag, lower case.
 */
export function messageFor(messages: Readonly<Record<string, string>>, acceptLanguage: unknown): string {
  const fallback = messages["en"] ?? DEFAULT_MESSAGE
  if (typeof acceptLanguage !== "string" || acceptLanguage.length > 256) return fallback
  const wanted = acceptLanguage
    .split(",")
    .map((part) => {
      const [tag = "", quality] = part
        .trim()
        .toLowerCase()
        .split(/;\s*q=/)
      return { tag, weight: quality === undefined ? 1 : Number(quality) }
    })
    .filter(({ weight }) => weight > 0)
    .toSorted((a, b) => b.weight - a.weight)
  for (const { tag } of wanted) {
    const found = own(messages, tag) ?? own(messages, tag.split("-")[0] ?? "")
    if (found !== undefined) return found
  }
  return fallback
}

/** Reads own keys only: an `accept-language` of `constructor` must not find the prototype's member. */
function own(messages: Readonly<Record<string, string>>, tag: string): string | undefined {
  return Object.hasOwn(messages, tag) ? messages[tag] : undefined
}
