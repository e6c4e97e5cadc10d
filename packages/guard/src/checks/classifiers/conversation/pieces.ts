/**
 * Cuts a conversation into the questions that a service is asked. Nothing is left out: every character of every turn is
 * in at least one of them. A cut depends only on what comes before it, so that a conversation that grows is cut at the
 * same places again.
 * @module
 */
import type { Role } from "../../../inspect/inspectable.ts"
import type { Turn } from "./turns.ts"

/** How texts are cut for a service. */
export interface PieceLimits {
  /** Longest text of one question, code units. */
  readonly maxChars: number
  /** Code units that a piece of a long turn repeats of the one before. */
  readonly overlapChars: number
  /** Most questions of one run, those not counted that were cleared before. */
  readonly maxPieces: number
}

/** A text to ask about. */
export interface Piece {
  readonly text: string
  /** Who speaks, or speaks last. */
  readonly role: Role
  /** Positions of what it is made of among the items. */
  readonly items: readonly number[]
}

/** Turns before a window or a judged turn that go with it. */
const CONTEXT_TURNS = 2

/** Share of a question that turns from before may take. */
const CONTEXT_SHARE = 0.25

const SPEAKERS: Readonly<Record<Role, string>> = {
  system: "System",
  user: "User",
  assistant: "Assistant",
  tool: "Tool",
  none: "Text",
}

/** Cuts a text into slices of at most so many code units, each with the end of the one before. */
export function slicesOf(text: string, maxChars: number, overlapChars: number): string[] {
  const slices: string[] = []
  const stride = Math.max(1, maxChars - overlapChars)
  for (let from = 0; ; from += stride) {
    slices.push(text.slice(from, from + maxChars))
    if (from + maxChars >= text.length) return slices
  }
}

/** A question for every turn; a turn that is too long gives several. */
export function messagePieces(turns: readonly Turn[], { maxChars, overlapChars }: PieceLimits): Piece[] {
  return turns.flatMap(({ text, role, items }) =>
    slicesOf(text, maxChars, overlapChars).map((slice) => ({ text: slice, role, items })),
  )
}

/**
 * A question for the conversation, or for each window of a long one: turns with their speakers, as many as fit. A window
 * begins with the end of the one before.
 *
 * @param context - turns before the first, that are not judged themselves.
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

/** The last turns, those that do not fit cut at their beginning. */
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
