/**
 * Reads what was sealed of a place. Its strings are whoever's: any member may be missing or of another form, and every one
 * is shown as text.
 * @module
 */

/** One thing that somebody or a model said. */
export interface Turn {
  readonly role: string
  readonly text: string
  /** Whether a check flagged this very turn. */
  readonly flagged: boolean
}

/** A sealed context as the page shows it. */
export interface ReadContext {
  /** Name of a member and what it says, in the page's order. */
  readonly facts: readonly (readonly [string, string])[]
  readonly digests: readonly (readonly [string, string])[]
  readonly signals: readonly string[]
  readonly turns: readonly Turn[]
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
const MAX_TURNS = 400

/** Reads one place's context. */
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
  return { facts, digests, signals, turns: turnsOf(all["said"]) }
}

/** Turns are numbered from 0 over request and answer, those without words among them. */
function turnsOf(said: unknown): Turn[] {
  const { request, answer, flagged } = asObject(said)
  const marked = new Set(asArray(flagged))
  const asked = asObject(parse(request))
  const all = [
    ...asArray(asked["messages"]).map((message) => toTurn(asObject(message))),
    ...("prompt" in asked || "input" in asked
      ? [{ role: "user", text: textOf(asked["prompt"] ?? asked["input"]) }]
      : []),
    ...asArray(asObject(parse(answer))["choices"]).map((choice) => toTurn(asObject(asObject(choice)["message"]))),
  ]
  const turns = all.map((turn, place) => ({ ...turn, flagged: marked.has(place) })).filter(({ text }) => text !== "")
  // A body of another form is shown whole, as one turn.
  if (turns.length === 0 && typeof request === "string") turns.push({ role: "request", text: request, flagged: false })
  return turns.slice(0, MAX_TURNS)
}

function toTurn({ role, content }: Readonly<Record<string, unknown>>): Omit<Turn, "flagged"> {
  return { role: typeof role === "string" ? role : "?", text: textOf(content) }
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
