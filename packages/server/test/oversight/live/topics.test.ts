import { globSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { LIVE_TOPICS } from "@nightlight/contract/server"
import { describe, expect, it } from "vitest"
import { FAMILIES, messageTo, toChanges } from "../../../src/oversight/live/topics.ts"
import type { PersonActor, PersonId } from "../../../src/platform/auth/actor.ts"

const SOURCES = join(import.meta.dirname, "../../../src")

/** The part before the point of every type of event that the server records. */
function recordedFamilies(): readonly string[] {
  const found = globSync("**/*.ts", { cwd: SOURCES }).flatMap((file) =>
    [...readFileSync(join(SOURCES, file), "utf8").matchAll(/\btype: ["`]([a-z-]+)\.(?:[a-z-]+["`]|\$\{)/g)].map(
      (match) => match[1] ?? "",
    ),
  )
  return [...new Set(found)].sort()
}

describe("the table of topics", () => {
  it("has a row for every kind of event that the service records: a new one is placed there", () => {
    const recorded = recordedFamilies()
    expect(recorded).toContain("case")
    expect(recorded).toContain("report")
    expect(recorded.filter((family) => !Object.hasOwn(FAMILIES, family))).toEqual([])
  })

  it("has a kind of event for every topic but the log itself", () => {
    const concerned = new Set(Object.values(FAMILIES).flat())
    expect(LIVE_TOPICS.filter((topic) => topic !== "audit" && !concerned.has(topic))).toEqual([])
  })
})

describe("a person without a role", () => {
  it("is told of nothing, whatever happens", () => {
    const nobody: PersonActor = {
      kind: "person",
      id: "person-1" as PersonId,
      roles: new Set(),
      session: "session-1",
      steppedUpUntil: undefined,
    }
    const events = Object.keys(FAMILIES).map((family, index) => ({
      seq: String(index),
      type: `${family}.changed`,
      actor: "person-2",
      subject: "case-1",
    }))
    expect(messageTo(nobody, toChanges(events))).toBeUndefined()
  })
})
