/**
 * Cuts a conversation into the questions for a service. Every character of every turn is in at least one of them. A cut
 * depends only on the text before it, so a growing conversation is cut at the same places again.
 * @module
 */
import type { Role } from "../../../inspect/inspectable.ts"
import type { Turn } from "./turns.ts"

/** How texts are cut for a service. */
export interface PieceLimits {
  /** Longest text of one question, code units. */
  readonly maxChars: number
  /** Code units that a piece of a long turn repeats from the piece before. */
  readonly overlapChars: number
  /** Largest number of questions in one run, not counting those remembered as clean. */
  readonly maxPieces: number
}

/** A text to ask about. */
export interface Piece {
  readonly text: string
  /** The speaker, or the last of several. */
  readonly role: Role
  /** Positions of the items that it is made of. */
  readonly items: readonly number[]
}

/** Earlier turns that are sent as context with a window or a judged turn. */
const CONTEXT_TURNS = 2

/** Share of a question that earlier turns may take. */
const CONTEXT_SHARE = 0.25

const SPEAKERS: Readonly<Record<Role, string>> = {
  system: "System",
  user: "User",
  assistant: "Assistant",
  tool: "Tool",
  none: "Text",
}

/** Cuts a text into slices of at most `maxChars` code units, each beginning with the end of the one before. */
export function slicesOf(text: string, maxChars: number, overlapChars: number): string[] {
  const slices: string[] = []
  const stride = Math.max(1, maxChars - overlapChars)
  for (let from = 0; ; from += stride) {
    slices.push(text.slice(from, from + maxChars))
    if (from + maxChars >= text.length) return slices
  }
}

/** Makes a question for every turn, and several for a turn that is too long. */
export function messagePieces(turns: readonly Turn[], { maxChars, overlapChars }: PieceLimits): Piece[] {
  return turns.flatMap(({ text, role, items }) =>
    slicesOf(text, maxChars, overlapChars).map((slice) => ({ text: slice, role, items })),
  )
}

/**
 * Makes one question for the conversation, or one for each window of a long one: as many turns, with their speakers, as
 * fit. A window begins with the end of the one before.
 *
 * @param context - earlier turns, which are context only.
 */
export function conversationPieces(
  turns: readonly Turn[],
  { maxChars, overlapChars }: PieceLimits,
  context: readonly Turn[] = [],
): Piece[] {
  const contextChars = Math.floor(maxChars * CONTEXT_SHARE)
  const pieces: Piece[] = []
  const before: string[] = context.map((turn) => spoken(turn, turn.text))
  let window: string[] = tail(before, contextChars)
  let added: Turn[] = []
  const close = () => {
    const last = added.at(-1)
    if (last === undefined) return
    const items = [...new Set(added.flatMap(({ items: own }) => own))]
    pieces.push({ text: window.join("\n\n"), role: last.role, items })
    window = tail(before, contextChars)
    added = []
  }
  for (const turn of turns) {
    for (const slice of slicesOf(turn.text, maxChars - contextChars - MARGIN_CHARS, overlapChars)) {
      const said = spoken(turn, slice)
      if (added.length > 0 && lengthOf(window) + said.length > maxChars) close()
      window.push(said)
      before.push(said)
      added.push(turn)
    }
  }
  close()
  return pieces
}

/** Room for a speaker's name and the lines between turns. */
const MARGIN_CHARS = 40

function lengthOf(window: readonly string[]): number {
  return window.reduce((sum, { length }) => sum + length + 2, 0)
}

/** The last turns that fit; a turn that does not fit is cut at its beginning. */
function tail(said: readonly string[], maxChars: number): string[] {
  const kept: string[] = []
  let room = maxChars
  for (const text of said.slice(-CONTEXT_TURNS).toReversed()) {
    if (room <= MARGIN_CHARS) break
    kept.unshift(text.slice(-room))
    room -= text.length + 2
  }
  return kept
}

function spoken({ role, isDefinition }: Turn, text: string): string {
  return `${isDefinition ? "Tools" : SPEAKERS[role]}: ${text}`
}
