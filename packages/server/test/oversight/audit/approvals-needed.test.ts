import type { AuditData, AuditEvent } from "@nightlight/vault/audit"
import { describe, expect, it } from "vitest"
import { ApprovalsNeeded } from "../../../src/oversight/audit/approvals-needed.ts"

type Line = readonly [type: string, actor: string, data: AuditData, at?: string]

const asked = (data: AuditData = {}): Line => [
  "act.asked",
  "ada",
  { subject: "act-1", kind: "role.grant", about: "cem", payload: { role: "reviewer" }, ...data },
]
const granted = (data: AuditData = {}): Line => [
  "role.granted",
  "ben",
  { subject: "cem", role: "reviewer", act: "act-1", ...data },
]
const seconded = (by = "ben"): Line => ["act.seconded", by, { subject: "act-1" }]
const glass = (type: "asked" | "opened", day: number, data: AuditData = {}): Line => [
  `break-glass.${type}`,
  "system-host",
  { subject: "glass-1", ...data },
  `2026-03-0${day}T09:00:00.000Z`,
]

/** Number of the first event that nothing stands for, from 1. */
function check(...lines: readonly Line[]): number | undefined {
  const needed = new ApprovalsNeeded()
  lines.forEach(([type, actor, data, at = "2026-03-01T09:00:00.000Z"], index) => {
    needed.take({ seq: index + 1, type, actor, data, at } as AuditEvent)
  })
  return needed.firstUnapproved()
}

describe("what takes two people, by the log alone", () => {
  it("is approved by an act that was waiting and that somebody else seconded", () => {
    expect(check(asked(), granted(), seconded())).toBeUndefined()
  })

  it.each<readonly [string, readonly Line[], number]>([
    ["without an act", [granted()], 1],
    ["by an act that nobody seconded", [asked(), granted()], 2],
    ["by an act that was declined", [asked(), granted(), ["act.declined", "ben", { subject: "act-1" }]], 2],
    ["by an act that its asker seconded", [asked(), granted(), seconded("ada")], 2],
    ["by an act that the person seconded whom it is about", [asked(), granted(), seconded("cem")], 2],
    ["by an act that was over", [asked(), seconded(), granted()], 3],
    ["by an act for the second time", [asked(), granted(), granted(), seconded()], 3],
    ["by an act for another role", [asked(), granted({ role: "counsel" }), seconded()], 2],
    ["by an act about another person", [asked({ about: "dan" }), granted(), seconded()], 2],
    ["by an act of another kind", [asked({ kind: "credentials.reset" }), granted(), seconded()], 2],
    ["by an act that was asked for afterwards", [granted(), asked(), seconded()], 1],
    [
      "as set-up's, after set-up",
      [["setup.completed", "ben", { subject: "ben" }], granted({ role: "administrator", askedBy: "system-setup" })],
      2,
    ],
    [
      "as set-up's, of another role than an administrator's",
      [granted({ role: "counsel", askedBy: "system-setup" })],
      1,
    ],
  ])("is named where a role is given %s", (_how, lines, seq) => {
    expect(check(...lines)).toBe(seq)
  })

  it("is set-up's until the second administrator has joined", () => {
    const first = granted({ role: "administrator", askedBy: "system-setup" })
    expect(check(first, ["setup.begun", "system-setup", {}], first, ["setup.completed", "ben", {}])).toBeUndefined()
  })

  it("is the host's once for each way back in that waited its day", () => {
    const kind = { kind: "administrator" }
    const given: Line = [
      "role.granted",
      "system-host",
      { subject: "eve", role: "administrator", askedBy: "system-host" },
    ]
    expect(check(glass("asked", 1, kind), glass("opened", 2, kind), given)).toBeUndefined()
    expect(check(glass("asked", 1, kind), glass("opened", 1, kind), given)).toBe(3)
    expect(check(glass("opened", 2, kind), given)).toBe(2)
    expect(check(glass("asked", 1, kind), glass("opened", 2, kind), given, given)).toBe(4)
    const reset: Line = ["credentials.reset", "system-host", { subject: "ada" }]
    const of = (about: string) => [glass("asked", 1, { kind: "reset", about }), glass("opened", 2, { kind: "reset" })]
    expect(check(...of("ada"), reset)).toBeUndefined()
    expect(check(...of("ben"), reset)).toBe(3)
  })

  it.each<readonly [type: string, kind: string, data: AuditData]>([
    ["credentials.reset", "credentials.reset", {}],
    ["policy.activated", "policy.activate", { how: "activated" }],
    ["policy.activated", "policy.roll-back", { how: "rolled-back" }],
    ["automation.switched-on", "report.automate", {}],
    ["list.false-positive-recorded", "list.false-positive", {}],
    ["report.filed-by-hand", "report.by-hand", {}],
    ["evidence.disclosed", "evidence.export", {}],
    ["evidence.destruction-ordered", "evidence.destroy", { case: "thing", basis: "expired" }],
  ])("is %s too", (type, kind, data) => {
    const done: Line = [type, "ben", { subject: "thing", act: "act-1", ...data }]
    expect(check(done)).toBe(1)
    expect(check(asked({ kind, about: "thing" }), done, seconded())).toBeUndefined()
  })

  it("is neither the first policy nor the destruction of what a review cleared", () => {
    const first: Line = ["policy.activated", "system", { subject: "policy-1", how: "first" }]
    const cleared: Line = ["evidence.destruction-ordered", "system", { subject: "evidence-1", basis: "cleared" }]
    expect(check(first, cleared)).toBeUndefined()
    expect(check(first, first)).toBe(2)
  })
})
