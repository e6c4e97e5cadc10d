import { day } from "../../parts/format.ts"
import type { Piece } from "./queries.ts"
import { evidence as say } from "./words.ts"

/** The preservation state of evidence in words, with the date at which it ends. */
export function stateWords(piece: Piece, nowMs: number): string {
  const { state, held, lockedUntil, destroyBy, destroyedAt } = piece
  if (state === "locked" && lockedUntil !== undefined) {
    return Date.parse(lockedUntil) > nowMs ? say.state.locked(day(lockedUntil)) : say.state.lockedOver(day(lockedUntil))
  }
  if (state === "clearing" && held) return say.state.clearingHeld
  if (state === "clearing" && destroyBy !== undefined) return say.state.clearing(day(destroyBy))
  if (state === "destroyed" && destroyedAt !== undefined) return say.state.destroyed(day(destroyedAt))
  if (state === "destroying") return say.state.destroying
  return held ? say.state.kept : say.state.keptFree
}
