import { randomUUID } from "node:crypto"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import {
  createPersonKey,
  createViewerKey,
  type DerivativeGrant,
  enrolmentProof,
  proveGrant,
} from "@nightlight/contract/custodian"
import { compact, systemClock } from "@nightlight/core"
import { useDatabase } from "@nightlight/dev-env/database/postgres"
import { SoftAuthenticator } from "@nightlight/dev-env/simulators/authenticator"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import {
  createCustodianClient,
  initCustodian,
  type StartedCustodian,
  startCustodian,
} from "../../../../../custodian/src/index.ts"
import { type OpenCustodianClient, openCustodianClient } from "../../../../src/platform/custodian/client.ts"
import { createLog } from "../../../../src/platform/log.ts"
import { createAlarms, createCopiedPasskeyAlarm } from "../../../../src/staff/alarms/service.ts"
import { collectLog } from "../../../support/app.ts"
import { addMember, eventsAbout, openStaff, type Staff } from "../../../support/staff.ts"

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
    const ada = await addMember(staff, "reporter")
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

  it("is named to whoever may read the staff, as one that asks for no gesture or as a passkey", async () => {
    const host = createCustodianClient(custodian.socket)
    const passkey = new SoftAuthenticator()
    const [kept, modern, auditor] = [
      await addMember(staff, "reporter"),
      await addMember(staff, "reporter"),
      await addMember(staff, "auditor"),
    ]
    for (const { id, key } of [
      { id: kept.id, key: undefined },
      { id: modern.id, key: passkey },
    ]) {
      const { code } = await host.invite(PASSPHRASE, id, ["reporter"])
      const { publicKey } = await createPersonKey()
      const made = key === undefined ? undefined : { credentialId: key.credentialId, publicKey: key.publicKey }
      const proof = await enrolmentProof(code, id, publicKey, made)
      await client.enrol(compact({ person: id, publicKey, proof, passkey: made }))
    }
    await auditor.signIn()
    const answer = (await auditor.browser.call("GET", "/v1/people/signing")).json()
    expect(answer.people).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ id: kept.id, by: "kept-key" }),
        expect.objectContaining({ id: modern.id, by: "passkey" }),
      ]),
    )
    await kept.signIn()
    expect((await kept.browser.call("GET", "/v1/people/signing")).json()).toMatchObject({ type: "forbidden" })
  })

  it("raises an alarm at the server where the counter of its passkey went back at the custodian", async () => {
    const ada = await addMember(staff, "reviewer")
    const passkey = new SoftAuthenticator()
    const { credentialId, publicKey: point } = passkey
    const { code } = await createCustodianClient(custodian.socket).invite(PASSPHRASE, ada.id, ["reviewer"])
    const { publicKey } = await createPersonKey()
    const made = { credentialId, publicKey: point }
    const proof = await enrolmentProof(code, ada.id, publicKey, made)
    const log = createLog({ process: "test", destination: collectLog() })
    const deps = { db: staff.db, clock: systemClock }
    const told = openCustodianClient(custodian.socket, { onCopiedPasskey: createCopiedPasskeyAlarm({ ...deps, log }) })
    await told.enrol({ person: ada.id, publicKey, passkey: made, proof })
    const viewer = await createViewerKey()
    const viewing = async (counter: number) => {
      const now = Date.now()
      const grant: DerivativeGrant = {
        format: "nightlight-grant/1",
        grantId: `grant-${randomUUID()}`,
        caseId: "case-1",
        purpose: "derivative",
        issuedAt: new Date(now).toISOString(),
        expiresAt: new Date(now + 300_000).toISOString(),
        person: ada.id,
        reason: "decide",
        evidence: { evidenceId: "item-1", ciphertextSha256: "0".repeat(64) },
        viewerKey: viewer.publicKey,
      }
      return told.view({ grant, proofs: [await proveGrant(grant, ada.id, passkey.signer({ counter }))] })
    }
    const alarmsOf = async () =>
      (await createAlarms(deps).list(true)).filter(({ code: kind }) => kind === "passkey-counter")
    await expect(viewing(7)).rejects.toMatchObject({ details: { reason: "evidence-faulty" } })
    expect(await alarmsOf()).toEqual([])
    await expect(viewing(7)).rejects.toMatchObject({ details: { reason: "counter-went-back" } })
    expect(await alarmsOf()).toMatchObject([{ subject: ada.id }])
    await told.close()
  })

  it("asks for a step-up", async () => {
    const ada = await addMember(staff, "reporter")
    await ada.signIn()
    staff.clock.move(10 * 60_000)
    const body = { publicKey: `BA${"A".repeat(85)}`, proof: "A".repeat(43) }
    expect((await ada.browser.call("POST", "/v1/me/key", body)).json()).toMatchObject({ type: "step_up_required" })
  })
})
