/**
 * Pictures that stand in a text, as `data:` URLs: a chat window shows them like any other.
 *
 * Only a find counts here: a text may hold what merely looks like a picture, as every lesson on `data:` URLs does.
 * @module
 */
import type { BytesPart, CheckItem } from "../../inspect/inspectable.ts"
import type { Check, Signal, Verdict } from "../check.ts"

const START = "data:image/"
const PICTURE = /data:image\/[a-z0-9.+-]{1,32}(?:;[a-z0-9=.-]{1,40})*;base64,((?:[a-z0-9+/_=-]|%[0-9a-f]{2}|\s)+)/gi
/** A picture of fewer characters says nothing. */
const MIN_CHARS = 64
/** Most pictures of one text that are looked at; a text with more does not pass. */
const MAX_PICTURES = 64

/**
 * Makes the check of texts out of the check of pictures.
 *
 * @param pictures - the check that matches pictures against the lists.
 */
export function createEmbeddedMatch(pictures: Check): Check {
  return {
    name: `${pictures.name}-in-text`,
    kind: "match",
    coverage: { directions: ["input", "output"], media: ["text"] },
    deadlineMs: pictures.deadlineMs,
    failureMode: "closed",
    screens: () => false,
    pendingFrom,
    run: (items, context, signal) => {
      const found = items.flatMap((item, at) => picturesIn(item).map((part) => ({ part, at })))
      if (found.length === 0) return NOTHING
      if (found.length > MAX_PICTURES) {
        return { signals: [{ check: "", rule: "too-many", decision: "inconclusive", item: 0 }], screened: false }
      }
      const parts = found.map(({ part }) => part)
      return Promise.resolve(pictures.run(parts, context, signal)).then(({ signals }) => ({
        signals: signals.flatMap((one) => toTextSignal(one, found[one.item ?? 0]?.at)),
        screened: false,
      }))
    },
  }
}

const NOTHING: Verdict = { signals: [], screened: false }

function toTextSignal(signal: Signal, item: number | undefined): Signal[] {
  if (signal.decision === "inconclusive") return []
  const { item: _, ...rest } = signal
  return [item === undefined ? rest : { ...rest, item }]
}

function picturesIn(item: CheckItem): BytesPart[] {
  if (item.kind !== "text" || !hasStart(item.text)) return []
  const { role, choice, path } = item
  return [...item.text.matchAll(PICTURE)].flatMap(([, body = ""]) => {
    if (body.length < MIN_CHARS) return []
    const base64 = body.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
    const bytes = Buffer.from(base64.replace(/\s/g, ""), "base64")
    return [{ kind: "bytes", role, channel: "image", choice, path, bytes }]
  })
}

/** From where on a picture may still be incomplete: its base64 goes on to the end, or its first letters stand there. */
function pendingFrom(text: string): number {
  if (hasStart(text)) {
    for (const match of text.matchAll(/data:image\/[a-z0-9.+;=-]{0,200}(?:,(?:[a-z0-9+/_=-]|%[0-9a-f]{0,2}|\s)*)?/gi)) {
      if (match.index + match[0].length === text.length) return match.index
    }
  }
  const tail = text.slice(-START.length).toLowerCase()
  for (let at = 0; at < tail.length; at++) if (START.startsWith(tail.slice(at))) return text.length - tail.length + at
  return text.length
}

function hasStart(text: string): boolean {
  return /data:image\//i.test(text)
}
