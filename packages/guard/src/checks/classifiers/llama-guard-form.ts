/**
 * Llama Guard's own form: its categories by version, its conversation of `User` and `Agent`, its prompt and its answer.
 *
 * Source: Meta, "Llama Guard 3" and "Llama Guard 4", model cards and prompt formats. 4 uses the tokens of Llama 4 around the
 * same text; 3 of 1B has no code interpreter category.
 * @module
 */

import type { ChatMessage } from "./completion.ts"
import { type PieceLimits, slicesOf } from "./conversation/pieces.ts"
import type { Turn } from "./conversation/turns.ts"
import { neutral } from "./neutral.ts"
import { malformed } from "./remote/service.ts"

/** The version whose form is used. */
export type LlamaGuardVersion = 3 | "3-1b" | 4

const CATEGORIES = [
  "Violent Crimes",
  "Non-Violent Crimes",
  "Sex Crimes",
  "Child Exploitation",
  "Defamation",
  "Specialized Advice",
  "Privacy",
  "Intellectual Property",
  "Indiscriminate Weapons",
  "Hate",
  "Self-Harm",
  "Sexual Content",
  "Elections",
  "Code Interpreter Abuse",
]

/** Codes of all categories: `S1` to `S14`. */
export const LLAMA_GUARD_CODES: readonly string[] = CATEGORIES.map((_, index) => `S${index + 1}`)

/** Returns the category codes of a version. */
export function codesOf(version: LlamaGuardVersion): readonly string[] {
  return version === "3-1b" ? LLAMA_GUARD_CODES.slice(0, 13) : LLAMA_GUARD_CODES
}

/** The two speakers that its form knows. */
export type Side = "User" | "Agent"

/** One turn of its conversation. Sides alternate, the first is the user's. */
export interface SideTurn {
  readonly side: Side
  readonly text: string
}

/** A conversation whose last turn is judged. */
export interface Judged {
  readonly turns: readonly SideTurn[]
  /** Positions of the items that the last turn is made of. */
  readonly items: readonly number[]
}

interface Said extends SideTurn {
  readonly items: readonly number[]
}

/** Turns before the judged one from which its context is chosen. */
const LOOK_BACK_TURNS = 5

/** Placeholder for the user's turn where an agent speaks first. */
const NO_WORDS = "(no words)"

/** Share of a question that the context of the judged turn may take. */
const BESIDE_SHARE = 0.25

/**
 * Makes one question for each turn: the turn comes last, after its context. Old answers, tools and instructions count
 * as the agent's; several turns of one side in a row are one.
 *
 * @param asked - earlier turns, which are context only.
 */
export function judgedTurns(turns: readonly Turn[], limits: PieceLimits, asked: readonly Turn[] = []): Judged[] {
  const before = alternating(asked.filter(isSpoken))
  const spoken = alternating(turns.filter(isSpoken))
  const all = [...before, ...spoken]
  const judged: Judged[] = []
  for (const { text, items } of turns.filter((turn) => !isSpoken(turn))) {
    // Text before the conversation is judged as context of the user's first turn.
    const first = all.find(({ side }) => side === "User")
    judged.push(...questions({ side: "Agent", text, items }, first === undefined ? [] : [first], limits))
  }
  for (const [index, turn] of spoken.entries()) {
    const end = before.length + index
    judged.push(...questions(turn, all.slice(Math.max(0, end - LOOK_BACK_TURNS), end), limits))
  }
  return judged
}

/** Instructions and definitions are not turns of a conversation between two. */
function isSpoken({ role, isDefinition }: Turn): boolean {
  return role !== "system" && !isDefinition
}

function alternating(turns: readonly Turn[]): Said[] {
  const said: Said[] = []
  for (const { role, text, items } of turns) {
    const side: Side = role === "user" || role === "none" ? "User" : "Agent"
    const last = said.at(-1)
    if (last?.side === side)
      said[said.length - 1] = { side, text: `${last.text}\n${text}`, items: [...last.items, ...items] }
    else said.push({ side, text, items })
  }
  return said
}

function questions(
  { side, text, items }: Said,
  before: readonly Said[],
  { maxChars, overlapChars }: PieceLimits,
): Judged[] {
  const besideChars = Math.floor(maxChars * BESIDE_SHARE)
  const beside = besideOf(side, before, besideChars)
  return slicesOf(text, maxChars - besideChars, overlapChars).map((slice) => ({
    turns: [...beside, { side, text: slice }],
    items,
  }))
}

/**
 * The user's words and, where there is room, the exchange before: an odd number of turns before an agent's turn, else
 * an even one.
 */
function besideOf(side: Side, before: readonly Said[], maxChars: number): SideTurn[] {
  const kept: SideTurn[] = []
  let room = maxChars
  let next: Side = side === "User" ? "Agent" : "User"
  for (const turn of before.toReversed()) {
    if (turn.side !== next) continue
    if (kept.length >= 3 || room <= 0) break
    kept.unshift({ side: turn.side, text: turn.text.slice(-room) })
    room -= turn.text.length
    next = next === "User" ? "Agent" : "User"
  }
  if (kept[0]?.side === "Agent") kept.shift()
  if (side === "Agent" && kept.length === 0) kept.push({ side: "User", text: NO_WORDS })
  return kept
}

/** The prompt, up to where the model's text begins. */
export function llamaGuardPrompt(version: LlamaGuardVersion, turns: readonly SideTurn[]): string {
  const role = turns.at(-1)?.side ?? "User"
  const isFour = version === 4
  const header = (who: string) =>
    isFour ? `<|header_start|>${who}<|header_end|>\n\n` : `<|start_header_id|>${who}<|end_header_id|>\n\n`
  const categories = codesOf(version)
    .map((code, index) => `${code}: ${CATEGORIES[index]}.`)
    .join("\n")
  return `<|begin_of_text|>${header("user")}Task: Check if there is unsafe content in '${role}' messages in conversations according to our safety policy with the below categories.

<BEGIN UNSAFE CONTENT CATEGORIES>
${categories}
<END UNSAFE CONTENT CATEGORIES>

<BEGIN CONVERSATION>

${turns.map(({ side, text }) => `${side}: ${neutral(text)}`).join("\n\n")}

<END CONVERSATION>

Provide your safety assessment for ONLY THE LAST ${role} message in the above conversation:
- First line must read 'safe' or 'unsafe'.
- If unsafe, a second line must include a comma-separated list of violated categories.${stopOf(version)}${header("assistant")}`
}

/** The token that ends a turn. */
export function stopOf(version: LlamaGuardVersion): string {
  return version === 4 ? "<|eot|>" : "<|eot_id|>"
}

/** The same conversation for a server that adds the model's own template. */
export function llamaGuardMessages(turns: readonly SideTurn[]): ChatMessage[] {
  return turns.map(({ side, text }) => ({ role: side === "User" ? "user" : "assistant", content: neutral(text) }))
}

/** Reads `safe`, or `unsafe` with its codes. @throws {DependencyError} `answer_malformed` for anything else. */
export function parseAssessment(said: string, version: LlamaGuardVersion = 3): string[] {
  const text = said.replace(/<\|eot(?:_id)?\|>$/, "").trim()
  if (text === "safe") return []
  const codes = /^unsafe\s*\n\s*(S\d{1,2}(?:\s*,\s*S\d{1,2})*)$/.exec(text)?.[1]?.split(/\s*,\s*/)
  if (codes === undefined || codes.some((code) => !codesOf(version).includes(code))) throw malformed("assessment")
  return [...new Set(codes)]
}
