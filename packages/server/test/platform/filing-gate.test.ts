import type { SignedKind } from "@nightlight/contract/custodian"
import { DependencyError, systemClock } from "@nightlight/core"
import { describe, expect, it } from "vitest"
import { createAlarms } from "../../src/alarms/service.ts"
import { parseServerConfig } from "../../src/config/read.ts"
import { change } from "../../src/events/change.ts"
import { createFilingGate } from "../../src/operations/filing-gate.ts"
import { pauseFiling, resumeFiling } from "../../src/operations/filing-pause.ts"
import { useDatabase } from "../support/postgres.ts"

const db = useDatabase()
const deps = () => ({ db: db.database.kysely, clock: systemClock })

function gate(reports: object, custody: "separated" | "shared" | undefined, require: SignedKind[] = ["filing"]) {
  const state = async () => {
    if (custody === undefined) throw new DependencyError("unavailable", "nobody answers")
    return {
      state: "ready" as const,
      custody,
      environments: [],
      enrolled: 0,
      passkeys: { rpId: "localhost", origins: [], require },
    }
  }
  const config = parseServerConfig(JSON.stringify({ version: 1, reports }))
  return createFilingGate({ ...deps(), custodian: { state }, config, alarms: createAlarms(deps()) })
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

  it("raises an alarm for shared custody, one however often it is in the way", async () => {
    const shut = gate({ environment: "production" }, "shared")
    await shut()
    await shut()
    const open = (await createAlarms(deps()).list(true)).filter(({ code }) => code === "custody-shared")
    expect(open).toHaveLength(1)
  })

  it("warns where production takes reports that a kept key signed, and holds nothing up for it", async () => {
    const alarmsOf = async () => (await createAlarms(deps()).list(true)).filter(({ code }) => code === "kept-key-files")
    expect(await gate({ environment: "test" }, "separated")()).toBeUndefined()
    expect(await gate({ environment: "production" }, "separated", ["filing"])()).toBeUndefined()
    expect(await alarmsOf()).toEqual([])
    expect(await gate({ environment: "production" }, "separated", ["original"])()).toBeUndefined()
    expect(await alarmsOf()).toMatchObject([{ subject: "installation" }])
  })

  it("is shut after a restore until it was reconciled, whatever else is right", async () => {
    const open = gate({ environment: "test" }, "separated")
    await change(deps(), "system-host", (step) => pauseFiling(step, "system-host", new Date()))
    expect(await open()).toBe("restored")
    await change(deps(), "system-host", (step) => resumeFiling(step, { compared: 0 }))
    expect(await open()).toBeUndefined()
  })
})
