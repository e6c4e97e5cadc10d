import { createHash } from "node:crypto"
import { createPersonKey } from "@nightlight/contract/custodian"
import { useDatabase } from "@nightlight/dev-env/database/postgres"
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest"
import { z } from "zod"
import { updateSealed } from "../../../src/platform/authority/sealed-rows.ts"
import { readEvents } from "../../../src/platform/events/read.ts"
import { transact } from "../../../src/platform/events/transact.ts"
import { digestOf } from "../../../src/staff/approvals/signing.ts"
import type { Act } from "../../../src/staff/approvals/types.ts"
import { type ApprovalProblem, approvalWitness, verifyApprovals } from "../../../src/staff/approvals/verify-proofs.ts"
import { openEnrolments } from "../../support/custody.ts"
import { hire, type Member, openStaff, type Staff } from "../../support/staff.ts"
import { asSuperuser } from "../../support/superuser.ts"

const db = useDatabase()
const enrolments = openEnrolments()
let staff: Staff
let ada: Member
let ben: Member

beforeAll(async () => {
  staff = await openStaff(db.database, { signing: enrolments.signing() })
  staff.acts.register({
    kind: "list.remove",
    payload: z.strictObject({ list: z.string(), count: z.int() }),
    askPermission: "list:read",
    secondPermission: "policy:read",
    perform: async (tx, { count }, { actId, subject }) => {
      tx.record({ type: "list.removed", subject, data: { act: actId, count } })
      return undefined
    },
  })
  ada = await hire(staff, "policy-editor")
  ben = await hire(staff, "counsel")
})
beforeEach(async () => {
  for (const { id } of [ada, ben]) await enrolments.enrol(id)
})
afterAll(() => staff.app.close())

let number = 0
async function ask(member = ada): Promise<Act> {
  const actor = await member.actor()
  const payload = { list: "test", count: number }
  return transact(staff, actor.id, (tx) => staff.acts.ask(tx, actor, "list.remove", `list-${number++}`, payload))
}
const prove = (act: Act, step: "ask" | "second", { id }: Member) => enrolments.prove(act, step, id, staff.clock.now())

async function askSigned(): Promise<Act> {
  const act = await ask()
  return staff.acts.sign(await ada.actor(), act.id, await prove(act, "ask", ada))
}
async function decide(): Promise<Act> {
  const act = await askSigned()
  return (await staff.acts.second(await ben.actor(), act.id, await prove(act, "second", ben))).act
}

describe("an approval where everybody signs", () => {
  it("is done with both signatures, and the log holds their digests and the keys", async () => {
    const act = await decide()
    expect(act).toMatchObject({ state: "done", askProof: { keyId: /./ }, secondProof: { keyId: /./ } })
    const events = await readEvents(staff.db, { subject: act.id })
    expect(events.map(({ type, data }) => [type, typeof data["proofSha256"]])).toEqual([
      ["act.asked", "undefined"],
      ["act.signed", "string"],
      ["act.seconded", "string"],
    ])
    const pinned = await readEvents(staff.db, { subjects: [ada.id, ben.id], type: "approval.key-pinned" })
    expect(pinned.length).toBeGreaterThanOrEqual(2)
    expect((await verifyApprovals(staff.db, await approvalWitness(enrolments.custodian))).faults).toEqual([])
  })

  it("is not asked for by somebody whose key the custodian does not know", async () => {
    enrolments.revoke(ada.id)
    await expect(ask()).rejects.toMatchObject({ code: "state_conflict" })
  })

  const refused: readonly [string, (act: Act) => Promise<unknown>, string][] = [
    ["without a signature", async (act) => staff.acts.second(await ben.actor(), act.id), "state_conflict"],
    [
      "with the signature of whoever asked",
      async (act) => staff.acts.second(await ben.actor(), act.id, await prove(act, "second", ada)),
      "input_invalid",
    ],
    [
      "with another key than the enrolled one",
      async (act) => {
        const key = await createPersonKey()
        const proof = await enrolments.prove(act, "second", ben.id, staff.clock.now(), key)
        return staff.acts.second(await ben.actor(), act.id, proof)
      },
      "input_invalid",
    ],
    [
      "with what the second would sign to ask",
      async (act) => staff.acts.second(await ben.actor(), act.id, await prove(act, "ask", ben)),
      "input_invalid",
    ],
    [
      "with a signature over another act",
      async (act) => staff.acts.second(await ben.actor(), act.id, await prove(await ask(), "second", ben)),
      "input_invalid",
    ],
    [
      "with a signature over another payload",
      async (act) => {
        const proof = await prove({ ...act, payload: { list: "test", count: -1 } }, "second", ben)
        return staff.acts.second(await ben.actor(), act.id, proof)
      },
      "input_invalid",
    ],
    [
      "with a signature of another day",
      async (act) => {
        const yesterday = new Date(staff.clock.now().getTime() - 86_400_000)
        const proof = await enrolments.prove(act, "second", ben.id, yesterday)
        return staff.acts.second(await ben.actor(), act.id, proof)
      },
      "input_invalid",
    ],
    [
      "by somebody who was revoked",
      async (act) => {
        const proof = await prove(act, "second", ben)
        enrolments.revoke(ben.id)
        return staff.acts.second(await ben.actor(), act.id, proof)
      },
      "state_conflict",
    ],
    [
      "once whoever asked was revoked",
      async (act) => {
        const proof = await prove(act, "second", ben)
        enrolments.revoke(ada.id)
        return staff.acts.second(await ben.actor(), act.id, proof)
      },
      "state_conflict",
    ],
  ]
  it.each(refused)("is not seconded %s", async (_name, second, code) => {
    const act = await askSigned()
    await expect(second(act)).rejects.toMatchObject({ code })
    expect((await staff.acts.get(await ada.actor(), act.id)).act.state).toBe("waiting")
  })

  it("is signed as the asker by nobody but whoever asked", async () => {
    const act = await ask()
    await expect(staff.acts.sign(await ben.actor(), act.id, await prove(act, "ask", ben))).rejects.toMatchObject({
      code: "forbidden",
    })
    await expect(staff.acts.second(await ben.actor(), act.id, await prove(act, "second", ben))).rejects.toMatchObject({
      code: "state_conflict",
    })
  })
})

describe("the check of decided approvals", () => {
  const run = (sql: string, ...values: readonly unknown[]) => asSuperuser(db, (owner) => owner.run(sql, ...values))
  const faultsOf = async (id: string) =>
    (await verifyApprovals(staff.db, await approvalWitness(enrolments.custodian))).faults
      .filter(({ actId }) => actId === id)
      .map(({ problem }) => problem)

  const forged: readonly [string, (act: Act) => Promise<unknown>, ApprovalProblem][] = [
    [
      "whose payload was changed",
      (act) => run(`UPDATE acts SET payload = '{"list":"test","count":99999}' WHERE id = $1`, act.id),
      "act-differs",
    ],
    [
      "whose second was replaced",
      (act) => run("UPDATE acts SET decided_by = 'person-mallory' WHERE id = $1", act.id),
      "act-differs",
    ],
    ["that was deleted", (act) => run("DELETE FROM acts WHERE id = $1", act.id), "not-in-table"],
    [
      "whose signature was taken out",
      (act) => run("UPDATE acts SET second_proof = NULL WHERE id = $1", act.id),
      "signature-differs",
    ],
    [
      "whose second's signature is the asker's",
      (act) => run("UPDATE acts SET second_proof = ask_proof WHERE id = $1", act.id),
      "signature-differs",
    ],
  ]
  it.each(forged)("names one %s", async (_name, forge, problem) => {
    const act = await decide()
    expect(await faultsOf(act.id)).toEqual([])
    await forge(act)
    expect(await faultsOf(act.id)).toEqual([problem])
    await run("DELETE FROM acts WHERE id = $1", act.id)
  })

  it("names one that nobody signed, where everybody signs and both have brought a key", async () => {
    await decide()
    const act = await ask()
    // As a server does that was taken over: by its own codes, and without the people.
    await transact(staff, ben.id, async ({ trx, record }) => {
      const decided = { state: "done", decided_by: ben.id, decided_at: staff.clock.now() } as const
      await updateSealed(trx, "acts", (all) => all.where("id", "=", act.id), decided)
      record({ type: "act.seconded", subject: act.id, data: { kind: act.kind, about: act.subject, askedBy: ada.id } })
    })
    const witness = await approvalWitness(enrolments.custodian)
    const { faults } = await verifyApprovals(staff.db, witness, "required")
    expect(faults).toContainEqual({ actId: act.id, problem: "signature-missing" })
    const lax = await verifyApprovals(staff.db, witness, "when-enrolled")
    expect(lax.unsigned).toContain(act.id)
  })

  it("names one that both people signed with one key, though the custodian knows it under both names", async () => {
    const key = await enrolments.enrol(ada.id)
    await enrolments.enrol(ben.id, key)
    const act = await askSigned()
    const second = async () => staff.acts.second(await ben.actor(), act.id, await prove(act, "second", ben))
    await expect(second()).rejects.toMatchObject({ code: "forbidden" })
    // As a server that was taken over, which writes what it refuses.
    const proof = { ...(await prove(act, "second", ben)), keyId: act.askProof?.keyId ?? "" }
    await transact(staff, ben.id, async ({ record }) => {
      const halves = { first: key.publicKey.slice(0, 44), last: key.publicKey.slice(44) }
      record({ type: "approval.key-pinned", subject: ben.id, data: { keyId: proof.keyId, ...halves } })
      record({ type: "act.seconded", subject: act.id, data: { keyId: proof.keyId, proofSha256: digestOf(proof) } })
    })
    await run(
      "UPDATE acts SET state = 'done', decided_by = $2, decided_at = now(), second_proof = $3 WHERE id = $1",
      act.id,
      ben.id,
      JSON.stringify(proof),
    )
    expect(await faultsOf(act.id)).toEqual(["same-key"])
    await run("DELETE FROM acts WHERE id = $1", act.id)
  })

  it("names one that was written into the table as done, and that the log does not know", async () => {
    const act = await askSigned()
    await run("UPDATE acts SET state = 'done', decided_by = $2, decided_at = now() WHERE id = $1", act.id, ben.id)
    expect(await faultsOf(act.id)).toEqual(["not-in-log"])
    await run("DELETE FROM acts WHERE id = $1", act.id)
  })

  it.each(["a key of its own", "a key of its own under the id of theirs"])(
    "names one that a server wrote itself, in the log and in the table, with %s pinned",
    async (which) => {
      // As a server that was taken over: it writes events and rows as it likes, and signs with a key of its own.
      const key = await createPersonKey()
      const act = await ask()
      const id = createHash("sha256").update(Buffer.from(key.publicKey, "base64url")).digest("hex").slice(0, 16)
      const { people } = await enrolments.custodian.enrolments()
      const real = people.find(({ person }) => person === ada.id)?.keyId ?? ""
      const keyId = which === "a key of its own" ? id : real
      await transact(staff, ada.id, async ({ record }) => {
        const { publicKey } = key
        const halves = { first: publicKey.slice(0, 44), last: publicKey.slice(44) }
        for (const { id: subject } of [ada, ben]) {
          record({ type: "approval.key-pinned", subject, data: { keyId, ...halves } })
        }
      })
      const own = async (step: "ask" | "second", { id }: Member) => ({
        ...(await enrolments.prove(act, step, id, staff.clock.now(), key)),
        keyId,
      })
      const [first, second] = [await own("ask", ada), await own("second", ben)]
      await transact(staff, ada.id, async ({ record }) => {
        record({ type: "act.signed", subject: act.id, data: { keyId, proofSha256: digestOf(first) } })
      })
      await transact(staff, ben.id, async ({ record }) => {
        record({ type: "act.seconded", subject: act.id, data: { keyId, proofSha256: digestOf(second) } })
      })
      await run(
        "UPDATE acts SET state = 'done', decided_by = $2, decided_at = now(), ask_proof = $3, second_proof = $4 WHERE id = $1",
        act.id,
        ben.id,
        JSON.stringify(first),
        JSON.stringify(second),
      )
      expect(await faultsOf(act.id)).toEqual(["key-unknown"])
    },
  )
})

it("an approval without signatures, where those who have no key may give one, is said to be unsigned", async () => {
  const nobody = openEnrolments()
  const lax = await openStaff(db.database, { signing: nobody.signing("when-enrolled") })
  const [one, other] = [await hire(lax, "policy-editor"), await hire(lax, "counsel")]
  lax.acts.register({
    kind: "list.remove",
    payload: z.unknown(),
    askPermission: "list:read",
    secondPermission: "policy:read",
    perform: async () => undefined,
  })
  const actor = await one.actor()
  const act = await transact(lax, actor.id, (tx) => lax.acts.ask(tx, actor, "list.remove", "list-lax", {}))
  await lax.acts.second(await other.actor(), act.id)
  const { unsigned, faults } = await verifyApprovals(lax.db, await approvalWitness(enrolments.custodian))
  expect(unsigned).toContain(act.id)
  expect(faults.map(({ actId }) => actId)).not.toContain(act.id)
  // From the day on which they bring a key, they sign.
  const next = await transact(lax, actor.id, (tx) => lax.acts.ask(tx, actor, "list.remove", "list-next", {}))
  await nobody.enrol(one.id)
  await nobody.enrol(other.id)
  await expect(lax.acts.second(await other.actor(), next.id)).rejects.toMatchObject({ code: "state_conflict" })
  await lax.app.close()
})
