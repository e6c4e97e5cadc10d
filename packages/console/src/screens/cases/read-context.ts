/**
 * Reads what was sealed of a place. Its strings are whoever's: any member may be missing or of another form, and every one
 * is shown as text.
 * @module
 */

/** One thing that somebody or a model said. */
export interface Turn {
  readonly role: string
  readonly text: string
  /** Whether a check flagged this very turn; of a body that is shown whole, whether it flagged one in it. */
  readonly flagged: boolean
}

/** A sealed context as the page shows it. */
export interface ReadContext {
  /** Name of a member and what it says, in the page's order. */
  readonly facts: readonly (readonly [string, string])[]
  readonly digests: readonly (readonly [string, string])[]
  readonly signals: readonly string[]
  readonly turns: readonly Turn[]
  /** Turns that are not among {@link turns}: the farthest from those that were flagged. */
  readonly turnsLeftOut: number
}

const FAPPROVALS = [
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
/** So many can be on a page. */
const MAX_TURNS = 400

/** Reads one place's context. */
export function readContext(found: unknown): ReadContext {
  const all = asObject(found)
  const endUser = asObject(all["endUser"])
  const facts = FAPPROVALS.flatMap((name) => {
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

/** Of many turns those that were flagged and what was said around them, in order; the last ones where none was. */
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

/** Turns are numbered from 0 over request and answer, those without words among them. */
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
  // A body of another form, or one that was cut off, is shown whole, as one turn.
  if (turns.length === 0 && typeof request === "string") {
    turns.push({ role: "request", text: request, flagged: marked.size > 0 })
  }
  return turns
}

/** What was flagged is never nothing: where it has no words of its own, such as a call of a tool, it is shown as it is. */
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
