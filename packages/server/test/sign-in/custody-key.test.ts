import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createPersonKey, enrolmentProof } from "@nightlight/contract/custodian"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import {
  createCustodianClient,
  initCustodian,
  type StartedCustodian,
  startCustodian,
} from "../../../custodian/src/index.ts"
import { type OpenCustodianClient, openCustodianClient } from "../../src/custodian/client.ts"
import { useDatabase } from "../support/postgres.ts"
import { eventsAbout, hire, openStaff, type Staff } from "../support/staff.ts"

const PASSPHRASE = "a test's passphrase"
const db = useDatabase()
let dir: string
let custodian: StartedCustodian
let client: OpenCustodianClient
let staff: Staff
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "nl-key-"))
  const evidence = join(dir, "evidence")
  await initCustodian(join(dir, "custodian"), { passphrase: PASSPHRASE, evidence, workFactor: 10 })
  custodian = await startCustodian(join(dir, "custodian"), { passphrase: PASSPHRASE })
  client = openCustodianClient(custodian.socket)
  staff = await openStaff(db.database, { custodian: client })
})
afterAll(async () => {
  await staff.app.close()
  await client.close()
  await custodian.stop()
  await rm(dir, { recursive: true, force: true })
})

describe("the caller's signing key", () => {
  it("is carried to the custodian as the caller's own, and noted once the custodian took it", async () => {
    const ada = await hire(staff, "reporter")
    await ada.signIn()
    const { code } = await createCustodianClient(custodian.socket).invite(PASSPHRASE, ada.id, ["reporter"])
    const { publicKey } = await createPersonKey()
    const enrol = (body: object) => ada.browser.call("POST", "/v1/me/key", { publicKey, ...body })

    const foreign = await enrolmentProof(code, "person-other", publicKey)
    expect((await enrol({ proof: foreign, person: "person-other" })).json()).toMatchObject({ type: "input_invalid" })
    const refused = await enrol({ proof: foreign })
    expect(refused.statusCode).toBeGreaterThanOrEqual(400)
    expect((await ada.browser.call("GET", "/v1/me")).json()).not.toHaveProperty("custodyKeyAt")

    expect((await enrol({ proof: await enrolmentProof(code, ada.id, publicKey) })).statusCode).toBe(200)
    expect((await ada.browser.call("GET", "/v1/me")).json()).toHaveProperty("custodyKeyAt")
    expect(await eventsAbout(staff, ada.id)).toContain("person.custody-key-enrolled")
    const { people } = await createCustodianClient(custodian.socket).enrolments()
    expect(people).toMatchObject([{ person: ada.id, roles: ["reporter"] }])
  })

  it("asks for a step-up", async () => {
    const ada = await hire(staff, "reporter")
    await ada.signIn()
    staff.clock.move(10 * 60_000)
    const body = { publicKey: `BA${"A".repeat(85)}`, proof: "A".repeat(43) }
    expect((await ada.browser.call("POST", "/v1/me/key", body)).json()).toMatchObject({ type: "step_up_required" })
  })
})
