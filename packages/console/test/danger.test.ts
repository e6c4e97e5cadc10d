import { globSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { compact } from "@nightlight/core"
import { describe, expect, it } from "vitest"
import { danger } from "../src/messages/en/danger.ts"
import { callWords } from "../src/parts/danger-words.ts"

const AT = "2026-03-01T10:03:00.000Z"
const contact = { name: "Duty officer", telephone: "+1 555 0100" }
const made = (state: "none" | "queued" | "failing" | "accepted") => ({
  state,
  at: AT,
  tries: state === "failing" ? 2 : 0,
})

describe("the state of a call", () => {
  it("names whom to telephone until a pager accepts it, and says if no contact is configured", () => {
    for (const state of ["none", "queued", "failing"] as const) {
      const words = callWords({ onCall: { pager: "set", contact }, call: made(state) }).join(" ")
      expect(words).toContain("Telephone: Duty officer, +1 555 0100.")
      const nobody = callWords({ onCall: { pager: "set" }, call: made(state) }).join(" ")
      expect(nobody).toContain("No telephone contact is configured")
    }
  })

  it("never says that somebody was called unless a pager accepted the call", () => {
    const states = [undefined, "none", "queued", "failing", "accepted"] as const
    for (const pager of ["set", "none"] as const) {
      for (const state of states) {
        const view = compact({
          onCall: { pager, contact },
          call: state === undefined ? undefined : made(state),
        })
        const words = callWords(view).join(" ")
        expect(/accepted by the pager at/i.test(words), `${pager} ${state}`).toBe(state === "accepted")
        expect(words.replace("nobody was called", "").replace(/whether anybody was called/i, "")).not.toMatch(/called/i)
      }
    }
  })
})

it("the words of imminent danger are defined in one file only", () => {
  const source = join(import.meta.dirname, "../src")
  const others = globSync(["messages/en/*.ts", "screens/*/words*.ts"], { cwd: source }).filter(
    (name) => !name.endsWith("/danger.ts"),
  )
  expect(others.length).toBeGreaterThan(20)
  for (const name of others) {
    const text = readFileSync(join(source, name), "utf8")
    expect(text.includes(danger.flag), name).toBe(false)
    expect(/on call was|was called/i.test(text.replaceAll(/nobody was called/gi, "")), name).toBe(false)
  }
})
