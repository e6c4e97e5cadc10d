import { createPatternCheck } from "../packages/guard/src/checks/patterns/pattern-check.ts"
import { type BenchRow, median } from "./row.ts"

const MIB = 1024 * 1024
const LETTERS = "etaoinshrdlucmfwypvbgkjqxz"

/** Words of a seeded generator: the same in every run. */
function words(count: number, seed: number): string[] {
  let state = seed
  const next = (below: number) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
  return Array.from({ length: count }, () =>
    Array.from({ length: 2 + next(9) }, () => LETTERS[Math.min(next(26), next(26))] ?? "e").join(""),
  )
}

/** Texts against 10,000 phrases and 20 patterns, every view and code looked at. */
export async function patternLists(): Promise<readonly BenchRow[]> {
  const names = words(20_000, 1)
  const rules = Array.from({ length: 20 }, (_, rule) => ({
    name: `rule-${rule}`,
    decision: "block" as const,
    phrases: Array.from(
      { length: 500 },
      (_, index) => `${names[rule * 500 + index]}zq ${names[10_000 + rule * 500 + index]}`,
    ),
    patterns: [`zq${names[rule]}[a-f]{2,5}( [0-9]{1,3}){1,2}`],
  }))
  const check = createPatternCheck({ name: "bench", directions: ["input"], rules, deadlineMs: 60_000 })
  const prose = words(200_000, 7).join(" ").slice(0, MIB)
  const texts = {
    prose,
    Cyrillic: prose.replace(/[a-z]/g, (letter) => String.fromCharCode(0x430 + letter.charCodeAt(0) - 0x61)),
    base64: btoa(prose).slice(0, MIB),
    escapes: encodeURIComponent("é").repeat(MIB / 6),
  }
  const looked = (text: string) => {
    const startedAt = performance.now()
    void check.run(
      [{ kind: "text", role: "user", channel: "text", choice: 0, path: "messages[0].content", text }],
      { exchange: "exchange-bench", endpoint: "chat", direction: "input", caller: { id: "bench", trusted: false } },
      AbortSignal.timeout(60_000),
    )
    return performance.now() - startedAt
  }
  const chat = prose.slice(0, 1_024)
  for (let run = 0; run < 2_000; run++) looked(chat)
  const chatMs = median(Array.from({ length: 500 }, () => looked(chat)))
  const rows = Object.entries(texts).map(([name, text]): BenchRow => {
    const ms = median(Array.from({ length: 5 }, () => looked(text)))
    const speed = text.length / MIB / (ms / 1000)
    return {
      what: `pattern lists, 1 M characters of ${name}`,
      measured: `${speed.toFixed(1)} M characters/s`,
      atLeast: ">= 0.25 M characters/s",
      ok: speed >= 0.25,
      note: "10,000 phrases and 20 patterns; folded, loosened and decoded",
    }
  })
  return [
    {
      what: "pattern lists, 1 kB chat text",
      measured: `${(chatMs * 1000).toFixed(0)} us`,
      atLeast: "<= 500 us",
      ok: chatMs <= 0.5,
    },
    ...rows,
  ]
}
