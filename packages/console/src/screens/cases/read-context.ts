/**
 * Reads the sealed context of an item's location. The content is untrusted: any member may be missing or malformed, and
 * every string is shown as plain text.
 * @module
 */

/** A turn of a conversation, by a person or a model. */
export interface Turn {
  readonly role: string
  readonly text: string
  /** Whether a check flagged this turn; for a body shown as one turn, whether any turn in it was flagged. */
  readonly flagged: boolean
}

/** A sealed context, ready to show. */
export interface ReadContext {
  /** Names and values, in display order. */
  readonly facts: readonly (readonly [string, string])[]
  readonly digests: readonly (readonly [string, string])[]
  readonly signals: readonly string[]
  readonly turns: readonly Turn[]
  /** Number of turns omitted: those farthest from the flagged ones. */
  readonly turnsLeftOut: number
}

const FACTS = [
  "sourceUrl",
  "licence",
  "dataset",
  "shard",
  "key",
  "account",
  "conversation",
  "ip",
  "ageBand",
  "caller",
  "endpoint",
  "direction",
  "model",
  "screenedAt",
]
/** Maximum number of turns shown. */
const MAX_TURNS = 400

/** Reads the context of one location. */
export function readContext(found: unknown): ReadContext {
  const all = asObject(found)
  const endUser = asObject(all["endUser"])
  const facts = FACTS.flatMap((name) => {
    const value = all[name] ?? endUser[name]
    return typeof value === "string" || typeof value === "number" ? [[name, String(value)] as const] : []
  })
  const digests = Object.entries(asObject(all["digests"])).flatMap(([name, value]) =>
    typeof value === "string" && value !== "" ? [[name, value] as const] : [],
  )
  const signals = asArray(all["signals"]).flatMap((signal) => {
    const { check, rule, decision, category } = asObject(signal)
    const said = [check, category ?? rule, decision].filter((part) => typeof part === "string")
    return said.length > 0 ? [said.join(" · ")] : []
  })
  const turns = turnsOf(all["said"])
  const shown = nearest(turns)
  return { facts, digests, signals, turns: shown, turnsLeftOut: turns.length - shown.length }
}

/**
 * If there are too many turns, keeps the flagged ones and those nearest to them, in order; if none is flagged, the
 * last.
 */
function nearest(turns: readonly Turn[]): readonly Turn[] {
  if (turns.length <= MAX_TURNS) return turns
  const flagged = turns.flatMap((turn, place) => (turn.flagged ? [place] : []))
  const around = flagged.length === 0 ? [turns.length - 1] : flagged
  const distance = Array.from({ length: turns.length }, () => turns.length)
  for (const place of around) distance[place] = 0
  for (let index = 1; index < turns.length; index++)
    distance[index] = Math.min(distance[index] ?? 0, (distance[index - 1] ?? 0) + 1)
  for (let offset = turns.length - 2; offset >= 0; offset--)
    distance[offset] = Math.min(distance[offset] ?? 0, (distance[offset + 1] ?? 0) + 1)
  const kept = [...turns.keys()].toSorted((a, b) => (distance[a] ?? 0) - (distance[b] ?? 0)).slice(0, MAX_TURNS)
  return kept.toSorted((a, b) => a - b).flatMap((place) => turns[place] ?? [])
}

/** The turns that are not empty. `flagged` numbers all turns from 0, over request and answer, including empty ones. */
function turnsOf(said: unknown): Turn[] {
  const { request, answer, flagged } = asObject(said)
  const marked = new Set(asArray(flagged))
  const asked = asObject(parse(request))
  const all = [
    ...asArray(asked["messages"]),
    ...("prompt" in asked || "input" in asked ? [{ role: "user", content: asked["prompt"] ?? asked["input"] }] : []),
    ...asArray(asObject(parse(answer))["choices"]).map((choice) => asObject(choice)["message"]),
  ]
  const turns = all.map((turn, place) => toTurn(turn, marked.has(place))).filter(({ text }) => text !== "")
  // A truncated body, or one of an unknown form, is shown as a single turn.
  if (turns.length === 0 && typeof request === "string") {
    turns.push({ role: "request", text: request, flagged: marked.size > 0 })
  }
  return turns
}

/** A flagged turn is always shown: if it has no text, such as a tool call, as JSON. */
function toTurn(turn: unknown, flagged: boolean): Turn {
  const { role, content } = asObject(turn)
  const text = textOf(content)
  const whole = text === "" && flagged ? JSON.stringify(turn, undefined, 2) : text
  return { role: typeof role === "string" ? role : "?", text: whole, flagged }
}

function textOf(content: unknown): string {
  if (typeof content === "string") return content
  return asArray(content)
    .map((part) => textOf(asObject(part)["text"]))
    .filter((text) => text !== "")
    .join("\n")
}

function parse(text: unknown): unknown {
  if (typeof text !== "string") return undefined
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const asArray = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])

function asObject(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : {}
}
