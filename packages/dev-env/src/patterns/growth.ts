/**
 * Checks that the time of a scan grows no faster than its text.
 * @module
 */
import { type CompiledRules, scanText } from "@nightlight/patterns"
import { expect } from "vitest"

/** Phrases that overlap one another, and expressions that are slow in an engine that goes back. */
export const HARD_RULES = [
  { phrases: ["aaaaaaaab", "aaab", "baaaa", "canary"] },
  { phrases: [], patterns: ["(a?){0,40}a{40}b", "(a|b|ab){1,60}c", "(.{0,20}a){10}x"] },
]

/** Repeats a piece to a text and to one ten times as long, which may take at most eleven times the steps. */
export function expectLinearSteps(rules: CompiledRules, piece: string): void {
  const steps = (text: string) => scanText(rules, text, { open: false, onRule: () => {} }).steps
  const short = piece.repeat(Math.ceil(4_000 / piece.length))
  // A first scan fills what later ones share.
  steps(short)
  const once = steps(short)
  expect(steps(short.repeat(10))).toBeLessThan(once * 11)
}
