/**
 * Checks that rules which match a whole text also match it in pieces.
 * @module
 */
import { type CompiledRules, scanText } from "@nightlight/patterns"
import fc from "fast-check"
import { expect } from "vitest"

const unit = fc.oneof(
  fc.constantFrom(...Array.from("cC\u0430anary4@ .-%6&#x\\u0\u200b\u0308")),
  fc.string({ unit: "binary", minLength: 1, maxLength: 1 }),
)

/** Generates up to 60 characters, many of them like parts of `canary` or of its escapes. */
export const messy = fc.string({ unit, maxLength: 60 })

/** Returns the rules that a text matches, and the position from which a match may continue. */
export function found(rules: CompiledRules, text: string, open = false) {
  const seen = new Set<number>()
  const { pendingFrom } = scanText(rules, text, { open, onRule: (rule) => seen.add(rule) })
  return { seen: [...seen].sort((a, b) => a - b), pendingFrom }
}

/** Cuts texts that contain a secret at every position; held-back text is put in front of the next piece. */
export function expectFoundInPieces(rules: CompiledRules, secrets: readonly string[]): void {
  fc.assert(
    fc.property(messy, fc.constantFrom(...secrets), messy, fc.nat(), (before, hidden, after, seed) => {
      const text = `${before} ${hidden} ${after}`
      const cut = seed % (text.length + 1)
      const whole = found(rules, text).seen
      const first = found(rules, text.slice(0, cut), true)
      const rest = found(rules, text.slice(Math.max(0, first.pendingFrom - 64)))
      for (const rule of whole) expect([...first.seen, ...rest.seen]).toContain(rule)
    }),
    { numRuns: 1_000 },
  )
}
