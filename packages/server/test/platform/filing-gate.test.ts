import type { SignedKind } from "@nightlight/contract/custodian"
import { compact, DependencyError, type Isolation, systemClock } from "@nightlight/core"
import { useDatabase } from "@nightlight/dev-env/database/postgres"
import { describe, expect, it } from "vitest"
import { createFilingGate } from "../../src/oversight/operations/filing-gate.ts"
import { pauseFiling, resumeFiling } from "../../src/oversight/operations/filing-pause.ts"
import { parseServerConfig } from "../../src/platform/config/read.ts"
import { transact } from "../../src/platform/events/transact.ts"
import { createAlarms } from "../../src/staff/alarms/service.ts"

const db = useDatabase()
const deps = () => ({ db: db.database.kysely, clock: systemClock })

interface GateTerms {
  readonly require?: SignedKind[]
  readonly decoder?: object
  readonly isolation?: Isolation
  readonly decoding?: "accepted" | "refused"
}

function gate(
  reports: object,
  custody: "separated" | "shared" | undefined,
  { require = ["filing"], decoder = {}, isolation = "bwrap", decoding }: GateTerms = {},
) {
  const state = async () => {
    if (custody === undefined) throw new DependencyError("unavailable", "nobody answers")
    return {
      state: "ready" as const,
      custody,
      environments: [],
      enrolled: 0,
      passkeys: { rpId: "localhost", origins: [], require },
      ...compact({ decoding }),
    }
  }
  const config = parseServerConfig(JSON.stringify({ version: 1, reports, decoder }))
  return createFilingGate({
    ...deps(),
    custodian: { state },
    config,
    alarms: createAlarms(deps()),
    isolation: async () => isolation,
  })
}

describe("the gate before filing", () => {
  it.each([
    [{ environment: "production" }, "shared", "custody-shared"],
    [{ environment: "production", sharedCustody: "accept" }, "shared", undefined],
    [{ environment: "production" }, "separated", undefined],
    [{ environment: "production" }, undefined, undefined],
    [{ environment: "test" }, "shared", undefined],
  ] as const)("of %j with custody %s says %s", async (reports, custody, hold) => {
    expect(await gate(reports, custody)()).toBe(hold)
  })

  it.each([
    ["shared", {}, "custody-shared"],
    ["separated", { isolation: "none" }, "decoder-not-isolated"],
  ] as const)(
    "raises an alarm for custody %s with %j, one however often it is in the way",
    async (custody, terms, code) => {
      const shut = gate({ environment: "production" }, custody, terms)
      await shut()
      await shut()
      const open = (await createAlarms(deps()).list(true)).filter((alarm) => alarm.code === code)
      expect(open).toHaveLength(1)
    },
  )

  it.each([
    [{ environment: "production" }, {}, {}, "decoder-not-isolated"],
    [{ environment: "production" }, { withoutIsolation: "accept" }, {}, undefined],
    [{ environment: "production" }, { withoutIsolation: "accept" }, { decoding: "refused" }, "decoder-not-isolated"],
    [{ environment: "production" }, { withoutIsolation: "accept" }, { decoding: "accepted" }, undefined],
    [{ environment: "test" }, {}, {}, undefined],
  ] as const)(
    "of %j where nothing isolates a decoder, with %j and a custodian of %j, says %s",
    async (reports, decoder, more, hold) => {
      expect(await gate(reports, "separated", { decoder, isolation: "none", ...more })()).toBe(hold)
    },
  )

  it("warns if production accepts reports that a kept key signed, without blocking them", async () => {
    const alarmsOf = async () => (await createAlarms(deps()).list(true)).filter(({ code }) => code === "kept-key-files")
    expect(await gate({ environment: "test" }, "separated")()).toBeUndefined()
    expect(await gate({ environment: "production" }, "separated")()).toBeUndefined()
    expect(await alarmsOf()).toEqual([])
    expect(await gate({ environment: "production" }, "separated", { require: ["original"] })()).toBeUndefined()
    expect(await alarmsOf()).toMatchObject([{ subject: "installation" }])
  })

  it("is shut after a restore until it was reconciled, whatever else is right", async () => {
    const open = gate({ environment: "test" }, "separated")
    await transact(deps(), "system-host", (step) => pauseFiling(step, "system-host", new Date()))
    expect(await open()).toBe("restored")
    await transact(deps(), "system-host", (step) => resumeFiling(step, { compared: 0 }))
    expect(await open()).toBeUndefined()
  })
})
