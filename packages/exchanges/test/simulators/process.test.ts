import { systemClock } from "@nightlight/core"
import { expect, it } from "vitest"
import { EXCHANGE_KINDS } from "../../src/index.ts"
import { startSimulatorProcess } from "../../src/simulators/index.ts"
import { Reader } from "../exchange/support.ts"

it("a simulated exchange runs as a process of its own, and is changed from outside", async () => {
  const credentials = { username: "member", password: "password" }
  await using simulator = await startSimulatorProcess({ exchange: "ncmec", ...credentials })
  await simulator.tell({
    tell: { put: [{ memberId: 1, id: "a", fingerprints: {} }], at: "2026-02-01T00:00:00Z" },
  })
  const settings = { environment: "npo-csam", host: "test", baseUrl: simulator.base } as const
  const exchange = EXCHANGE_KINDS.ncmec.open(settings, credentials, { clock: systemClock })
  try {
    expect([...(await new Reader().fetch(exchange)).entries.keys()]).toEqual(["1-a"])
    await simulator.tell({ fault: { answer: { status: 503, headers: {}, body: "" } } })
    await expect(exchange.check()).rejects.toMatchObject({ code: "unavailable" })
  } finally {
    await exchange.close()
  }
})
