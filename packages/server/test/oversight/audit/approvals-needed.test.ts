import type { AuditData, AuditEvent } from "@nightlight/vault/audit"
import { describe, expect, it } from "vitest"
import { ApprovalsNeeded } from "../../../src/oversight/audit/approvals-needed.ts"

type Line = readonly [type: string, actor: string, data: AuditData, at?: string]

const asked = (data: AuditData = {}): Line => [
  "approval.requested",
  "ada",
  { subject: "approval-1", kind: "role.grant", about: "cem", payload: { role: "reviewer" }, ...data },
]
const granted = (data: AuditData = {}): Line => [
  "role.granted",
  "ben",
  { subject: "cem", role: "reviewer", approval: "approval-1", ...data },
]
const approved = (by = "ben"): Line => ["approval.approved", by, { subject: "approval-1" }]
const glass = (type: "requested" | "opened", day: number, data: AuditData = {}): Line => [
  `break-glass.${type}`,
  "system-host",
  { subject: "glass-1", ...data },
  `2026-03-0${day}T09:00:00.000Z`,
]

/** Number of the first event without its approval, from 1. */
function check(...lines: readonly Line[]): number | undefined {
  const needed = new ApprovalsNeeded()
  lines.forEach(([type, actor, data, at = "2026-03-01T09:00:00.000Z"], index) => {
    needed.apply({ seq: index + 1, type, actor, data, at } as AuditEvent)
  })
  return needed.firstUnapproved()
}

describe("an event that needs an approval, by the log alone", () => {
  it("is approved by an approval that was waiting and that somebody else approved", () => {
    expect(check(asked(), granted(), approved())).toBeUndefined()
  })

  it.each<readonly [string, readonly Line[], number]>([
    ["without an approval", [granted()], 1],
    ["by an approval that nobody approved", [asked(), granted()], 2],
    [
      "by an approval that was declined",
      [asked(), granted(), ["approval.declined", "ben", { subject: "approval-1" }]],
      2,
    ],
    ["by an approval that its asker approved", [asked(), granted(), approved("ada")], 2],
    ["by an approval that the person approved whom it is about", [asked(), granted(), approved("cem")], 2],
    ["by an approval that was over", [asked(), approved(), granted()], 3],
    ["by an approval for the second time", [asked(), granted(), granted(), approved()], 3],
    ["by an act for another role", [asked(), granted({ role: "counsel" }), approved()], 2],
    ["by an approval about another person", [asked({ about: "dan" }), granted(), approved()], 2],
    ["by an approval of another kind", [asked({ kind: "credentials.reset" }), granted(), approved()], 2],
    ["by an approval that was asked for afterwards", [granted(), asked(), approved()], 1],
    [
      "as set-up's, after set-up",
      [["setup.completed", "ben", { subject: "ben" }], granted({ role: "administrator", requestedBy: "system-setup" })],
      2,
    ],
    [
      "as set-up's, of another role than an administrator's",
      [granted({ role: "counsel", requestedBy: "system-setup" })],
      1,
    ],
  ])("is named where a role is given %s", (_how, lines, seq) => {
    expect(check(...lines)).toBe(seq)
  })

  it("is set-up's until the second administrator has joined", () => {
    const first = granted({ role: "administrator", requestedBy: "system-setup" })
    expect(check(first, ["setup.begun", "system-setup", {}], first, ["setup.completed", "ben", {}])).toBeUndefined()
  })

  it("is the host's once for each break-glass request that waited its day", () => {
    const kind = { kind: "administrator" }
    const given: Line = [
      "role.granted",
      "system-host",
      { subject: "eve", role: "administrator", requestedBy: "system-host" },
    ]
    expect(check(glass("requested", 1, kind), glass("opened", 2, kind), given)).toBeUndefined()
    expect(check(glass("requested", 1, kind), glass("opened", 1, kind), given)).toBe(3)
    expect(check(glass("opened", 2, kind), given)).toBe(2)
    expect(check(glass("requested", 1, kind), glass("opened", 2, kind), given, given)).toBe(4)
    const reset: Line = ["credentials.reset", "system-host", { subject: "ada" }]
    const of = (about: string) => [
      glass("requested", 1, { kind: "reset", about }),
      glass("opened", 2, { kind: "reset" }),
    ]
    expect(check(...of("ada"), reset)).toBeUndefined()
    expect(check(...of("ben"), reset)).toBe(3)
  })

  it.each<readonly [type: string, kind: string, data: AuditData]>([
    ["credentials.reset", "credentials.reset", {}],
    ["policy.activated", "policy.activate", { how: "activated" }],
    ["policy.activated", "policy.roll-back", { how: "rolled-back" }],
    ["automation.switched-on", "report.automate", {}],
    ["list.false-positive-recorded", "list.false-positive", {}],
    ["report.filed-manually", "report.manual-filing", {}],
    ["evidence.disclosed", "evidence.export", {}],
    ["evidence.destruction-ordered", "evidence.destroy", { case: "thing", basis: "expired" }],
  ])("is %s too", (type, kind, data) => {
    const done: Line = [type, "ben", { subject: "thing", approval: "approval-1", ...data }]
    expect(check(done)).toBe(1)
    expect(check(asked({ kind, about: "thing" }), done, approved())).toBeUndefined()
  })

  it("is neither the first policy nor the destruction of what a review cleared", () => {
    const first: Line = ["policy.activated", "system", { subject: "policy-1", how: "first" }]
    const cleared: Line = ["evidence.destruction-ordered", "system", { subject: "evidence-1", basis: "cleared" }]
    expect(check(first, cleared)).toBeUndefined()
    expect(check(first, first)).toBe(2)
  })
})
