import { readdirSync, readFileSync } from "node:fs"
import { CUSTODY_EVENTS, type HomeView } from "@nightlight/contract/server"
import { compact } from "@nightlight/core"
import { describe, expect, it } from "vitest"
import { events } from "../src/messages/en/events.ts"
import { ago, bytes, duration, shortId } from "../src/parts/format.ts"
import { audit } from "../src/screens/audit/words.ts"
import { sentenceOf } from "../src/screens/home/sentence.ts"

const NOW = Date.parse("2026-03-01T12:00:00Z")

describe("the words for times and sizes", () => {
  it("have one unit, rounded down", () => {
    expect([59_000, 60_000, 3_599_000, 7_200_000, 47 * 3_600_000, 72 * 3_600_000].map(duration)).toEqual([
      "59 s",
      "1 min",
      "59 min",
      "2 h",
      "47 h",
      "3 d",
    ])
    expect(ago("2026-03-01T11:59:30Z", NOW)).toBe("just now")
    expect(ago("2026-03-01T09:00:00Z", NOW)).toBe("3 h ago")
    expect([0, 999, 1000, 7400, 2_500_000].map(bytes)).toEqual(["0 B", "999 B", "1.0 kB", "7.4 kB", "2.5 MB"])
  })

  it("shorten an id to its first digits", () => {
    expect(shortId("case-10dbd936-4af1-4a7c-9f9f-000000000000")).toBe("case-10dbd936")
    expect(shortId("esp-1")).toBe("esp-1")
  })
})

describe("the home page's sentence", () => {
  const home = (part: Partial<HomeView>): HomeView => ({
    at: "2026-03-01T12:00:00.000Z",
    danger: [],
    due: [],
    dueMore: false,
    waiting: {},
    ...part,
  })
  const due = (dueAt?: string) =>
    compact({
      kind: "case" as const,
      id: "case-1",
      code: "due",
      sinceAt: "2026-03-01T00:00:00.000Z",
      dueAt,
    })

  it("says if nothing needs the user", () => {
    expect(sentenceOf(home({}), NOW)).toBe("Nothing needs you now.")
  })

  it("names the nearest deadline, even if it has passed", () => {
    const view = home({ due: [due(), due("2026-03-01T15:00:00.000Z"), due("2026-03-02T00:00:00.000Z")] })
    expect(sentenceOf(view, NOW)).toBe("3 things need you, the first is due in 3 h.")
    expect(sentenceOf(home({ due: [due("2026-03-01T10:00:00.000Z")] }), NOW)).toContain("overdue by 2 h")
  })

  it("counts the commitments", () => {
    expect(sentenceOf(home({ commitments: { met: 8, partly: 1, notMet: 1, notApplicable: 1 } }), NOW)).toContain(
      "8 of 10 commitments are met",
    )
  })
})

it("every event that the server records has words", () => {
  const server = new URL("../../server/src/", import.meta.url)
  const types = new Set<string>()
  for (const path of readdirSync(server, { recursive: true, encoding: "utf8" })) {
    if (!path.endsWith(".ts")) continue
    for (const [, type = ""] of readFileSync(new URL(path, server), "utf8").matchAll(/\btype: "([a-z-]+\.[a-z-]+)"/g)) {
      types.add(type)
    }
  }
  expect(types.size).toBeGreaterThan(50)
  expect([...types].filter((type) => !(type in events)).toSorted()).toEqual([])
})

it("every event of a case's custody has words", () => {
  const custody: readonly string[] = [...CUSTODY_EVENTS.opened, ...CUSTODY_EVENTS.moved]
  expect(custody.filter((type) => !(type in events))).toEqual([])
})

it("the log's filter offers each family of events, and no other", () => {
  const families = new Set(Object.keys(events).map((type) => type.slice(0, type.indexOf("."))))
  expect(Object.keys(audit.familyNames).toSorted()).toEqual([...families].toSorted())
})
