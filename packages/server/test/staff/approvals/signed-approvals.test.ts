import { createHash } from "node:crypto"
import { createPersonKey } from "@nightlight/contract/custodian"
import { useDatabase } from "@nightlight/dev-env/database/postgres"
import { canonicalDigest } from "@nightlight/durable"
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest"
import { z } from "zod"
import { updateSealed } from "../../../src/platform/authority/sealed-rows.ts"
import { readEvents } from "../../../src/platform/events/read.ts"
import { transact } from "../../../src/platform/events/transact.ts"
import type { Approval } from "../../../src/staff/approvals/types.ts"
import { type ApprovalProblem, approvalWitness, verifyApprovals } from "../../../src/staff/approvals/verify-proofs.ts"
import { openEnrolments } from "../../support/custody.ts"
import { addMember, type Member, openStaff, type Staff } from "../../support/staff.ts"
import { asSuperuser } from "../../support/superuser.ts"

const db = useDatabase()
const enrolments = openEnrolments()
let staff: Staff
let ada: Member
let ben: Member

beforeAll(async () => {
  staff = await openStaff(db.database, { signing: enrolments.signing() })
  staff.approvals.register({
    kind: "list.remove",
    payload: z.strictObject({ list: z.string(), count: z.int() }),
    requestPermission: "list:read",
    approvePermission: "policy:read",
    perform: async (tx, { count }, { approvalId, subject }) => {
      tx.record({ type: "list.removed", subject, data: { approval: approvalId, count } })
      return undefined
    },
  })
  ada = await addMember(staff, "policy-editor")
  ben = await addMember(staff, "counsel")
})
beforeEach(async () => {
  for (const { id } of [ada, ben]) await enrolments.enrol(id)
})
afterAll(() => staff.app.close())

let number = 0
async function ask(member = ada): Promise<Approval> {
  const actor = await member.actor()
  const payload = { list: "test", count: number }
  return transact(staff, actor.id, (tx) =>
    staff.approvals.request(tx, actor, "list.remove", `list-${number++}`, payload),
  )
}
const prove = (approval: Approval, step: "request" | "approve", { id }: Member) =>
  enrolments.prove(approval, step, id, staff.clock.now())

async function requestSigned(): Promise<Approval> {
  const approval = await ask()
  return staff.approvals.sign(await ada.actor(), approval.id, await prove(approval, "request", ada))
}
async function decide(): Promise<Approval> {
  const approval = await requestSigned()
  return (await staff.approvals.approve(await ben.actor(), approval.id, await prove(approval, "approve", ben))).approval
}

describe("an approval where everybody signs", () => {
  it("is done with both signatures, and the log holds their digests and the keys", async () => {
    const approval = await decide()
    expect(approval).toMatchObject({ state: "done", requestProof: { keyId: /./ }, approvalProof: { keyId: /./ } })
    const events = await readEvents(staff.db, { subject: approval.id })
    expect(events.map(({ type, data }) => [type, typeof data["proofSha256"]])).toEqual([
      ["approval.requested", "undefined"],
      ["approval.signed", "string"],
      ["approval.approved", "string"],
    ])
    const pinned = await readEvents(staff.db, { subjects: [ada.id, ben.id], type: "approval-key.pinned" })
    expect(pinned.length).toBeGreaterThanOrEqual(2)
    expect((await verifyApprovals(staff.db, await approvalWitness(enrolments.custodian))).faults).toEqual([])
  })

  it("cannot be requested by somebody whose key the custodian does not know", async () => {
    enrolments.revoke(ada.id)
    await expect(ask()).rejects.toMatchObject({ code: "state_conflict" })
  })

  const refused: readonly [string, (approval: Approval) => Promise<unknown>, string][] = [
    [
      "without a signature",
      async (approval) => staff.approvals.approve(await ben.actor(), approval.id),
      "state_conflict",
    ],
    [
      "with the signature of whoever asked",
      async (approval) =>
        staff.approvals.approve(await ben.actor(), approval.id, await prove(approval, "approve", ada)),
      "input_invalid",
    ],
    [
      "with another key than the enrolled one",
      async (approval) => {
        const key = await createPersonKey()
        const proof = await enrolments.prove(approval, "approve", ben.id, staff.clock.now(), key)
        return staff.approvals.approve(await ben.actor(), approval.id, proof)
      },
      "input_invalid",
    ],
    [
      "with what the second would sign to ask",
      async (approval) =>
        staff.approvals.approve(await ben.actor(), approval.id, await prove(approval, "request", ben)),
      "input_invalid",
    ],
    [
      "with a signature over another approval",
      async (approval) =>
        staff.approvals.approve(await ben.actor(), approval.id, await prove(await ask(), "approve", ben)),
      "input_invalid",
    ],
    [
      "with a signature over another payload",
      async (approval) => {
        const proof = await prove({ ...approval, payload: { list: "test", count: -1 } }, "approve", ben)
        return staff.approvals.approve(await ben.actor(), approval.id, proof)
      },
      "input_invalid",
    ],
    [
      "with a signature of another day",
      async (approval) => {
        const yesterday = new Date(staff.clock.now().getTime() - 86_400_000)
        const proof = await enrolments.prove(approval, "approve", ben.id, yesterday)
        return staff.approvals.approve(await ben.actor(), approval.id, proof)
      },
      "input_invalid",
    ],
    [
      "by somebody who was revoked",
      async (approval) => {
        const proof = await prove(approval, "approve", ben)
        enrolments.revoke(ben.id)
        return staff.approvals.approve(await ben.actor(), approval.id, proof)
      },
      "state_conflict",
    ],
    [
      "once whoever asked was revoked",
      async (approval) => {
        const proof = await prove(approval, "approve", ben)
        enrolments.revoke(ada.id)
        return staff.approvals.approve(await ben.actor(), approval.id, proof)
      },
      "state_conflict",
    ],
  ]
  it.each(refused)("is not approved %s", async (_name, second, code) => {
    const approval = await requestSigned()
    await expect(second(approval)).rejects.toMatchObject({ code })
    expect((await staff.approvals.get(await ada.actor(), approval.id)).approval.state).toBe("waiting")
  })

  it("is signed as the requester only by its requester", async () => {
    const approval = await ask()
    await expect(
      staff.approvals.sign(await ben.actor(), approval.id, await prove(approval, "request", ben)),
    ).rejects.toMatchObject({
      code: "forbidden",
    })
    await expect(
      staff.approvals.approve(await ben.actor(), approval.id, await prove(approval, "approve", ben)),
    ).rejects.toMatchObject({
      code: "state_conflict",
    })
  })
})

describe("the check of decided approvals", () => {
  const run = (sql: string, ...values: readonly unknown[]) => asSuperuser(db, (owner) => owner.run(sql, ...values))
  const faultsOf = async (id: string) =>
    (await verifyApprovals(staff.db, await approvalWitness(enrolments.custodian))).faults
      .filter(({ approvalId }) => approvalId === id)
      .map(({ problem }) => problem)

  const forged: readonly [string, (approval: Approval) => Promise<unknown>, ApprovalProblem][] = [
    [
      "whose payload was changed",
      (approval) => run(`UPDATE approvals SET payload = '{"list":"test","count":99999}' WHERE id = $1`, approval.id),
      "approval-differs",
    ],
    [
      "whose second was replaced",
      (approval) => run("UPDATE approvals SET decided_by = 'person-mallory' WHERE id = $1", approval.id),
      "approval-differs",
    ],
    ["that was deleted", (approval) => run("DELETE FROM approvals WHERE id = $1", approval.id), "not-in-table"],
    [
      "whose signature was taken out",
      (approval) => run("UPDATE approvals SET approval_proof = NULL WHERE id = $1", approval.id),
      "signature-differs",
    ],
    [
      "whose second's signature is the asker's",
      (approval) => run("UPDATE approvals SET approval_proof = request_proof WHERE id = $1", approval.id),
      "signature-differs",
    ],
  ]
  it.each(forged)("names one %s", async (_name, forge, problem) => {
    const approval = await decide()
    expect(await faultsOf(approval.id)).toEqual([])
    await forge(approval)
    expect(await faultsOf(approval.id)).toEqual([problem])
    await run("DELETE FROM approvals WHERE id = $1", approval.id)
  })

  it("names one that nobody signed, where everybody must sign and both have enrolled a key", async () => {
    await decide()
    const approval = await ask()
    // As a server does that was taken over: by its own codes, and without the people.
    await transact(staff, ben.id, async ({ trx, record }) => {
      const decided = { state: "done", decided_by: ben.id, decided_at: staff.clock.now() } as const
      await updateSealed(trx, "approvals", (all) => all.where("id", "=", approval.id), decided)
      record({
        type: "approval.approved",
        subject: approval.id,
        data: { kind: approval.kind, about: approval.subject, requestedBy: ada.id },
      })
    })
    const witness = await approvalWitness(enrolments.custodian)
    const { faults } = await verifyApprovals(staff.db, witness, "required")
    expect(faults).toContainEqual({ approvalId: approval.id, problem: "signature-missing" })
    const lax = await verifyApprovals(staff.db, witness, "when-enrolled")
    expect(lax.unsigned).toContain(approval.id)
  })

  it("names one that both people signed with the same key, even if the custodian knows it under both names", async () => {
    const key = await enrolments.enrol(ada.id)
    await enrolments.enrol(ben.id, key)
    const approval = await requestSigned()
    const second = async () =>
      staff.approvals.approve(await ben.actor(), approval.id, await prove(approval, "approve", ben))
    await expect(second()).rejects.toMatchObject({ code: "forbidden" })
    // As a server that was taken over, which writes what it refuses.
    const proof = { ...(await prove(approval, "approve", ben)), keyId: approval.requestProof?.keyId ?? "" }
    await transact(staff, ben.id, async ({ record }) => {
      const halves = { first: key.publicKey.slice(0, 44), last: key.publicKey.slice(44) }
      record({ type: "approval-key.pinned", subject: ben.id, data: { keyId: proof.keyId, ...halves } })
      record({
        type: "approval.approved",
        subject: approval.id,
        data: { keyId: proof.keyId, proofSha256: canonicalDigest(proof) },
      })
    })
    await run(
      "UPDATE approvals SET state = 'done', decided_by = $2, decided_at = now(), approval_proof = $3 WHERE id = $1",
      approval.id,
      ben.id,
      JSON.stringify(proof),
    )
    expect(await faultsOf(approval.id)).toEqual(["same-key"])
    await run("DELETE FROM approvals WHERE id = $1", approval.id)
  })

  it("names one that was written into the table as done, and that the log does not know", async () => {
    const approval = await requestSigned()
    await run(
      "UPDATE approvals SET state = 'done', decided_by = $2, decided_at = now() WHERE id = $1",
      approval.id,
      ben.id,
    )
    expect(await faultsOf(approval.id)).toEqual(["not-in-log"])
    await run("DELETE FROM approvals WHERE id = $1", approval.id)
  })

  it.each(["a key of its own", "a key of its own under the id of theirs"])(
    "names one that a server wrote itself, in the log and in the table, with %s pinned",
    async (which) => {
      // As a server that was taken over: it writes events and rows as it likes, and signs with a key of its own.
      const key = await createPersonKey()
      const approval = await ask()
      const id = createHash("sha256").update(Buffer.from(key.publicKey, "base64url")).digest("hex").slice(0, 16)
      const { people } = await enrolments.custodian.enrolments()
      const real = people.find(({ person }) => person === ada.id)?.keyId ?? ""
      const keyId = which === "a key of its own" ? id : real
      await transact(staff, ada.id, async ({ record }) => {
        const { publicKey } = key
        const halves = { first: publicKey.slice(0, 44), last: publicKey.slice(44) }
        for (const { id: subject } of [ada, ben]) {
          record({ type: "approval-key.pinned", subject, data: { keyId, ...halves } })
        }
      })
      const own = async (step: "request" | "approve", { id }: Member) => ({
        ...(await enrolments.prove(approval, step, id, staff.clock.now(), key)),
        keyId,
      })
      const [first, second] = [await own("request", ada), await own("approve", ben)]
      await transact(staff, ada.id, async ({ record }) => {
        record({ type: "approval.signed", subject: approval.id, data: { keyId, proofSha256: canonicalDigest(first) } })
      })
      await transact(staff, ben.id, async ({ record }) => {
        record({
          type: "approval.approved",
          subject: approval.id,
          data: { keyId, proofSha256: canonicalDigest(second) },
        })
      })
      await run(
        "UPDATE approvals SET state = 'done', decided_by = $2, decided_at = now(), request_proof = $3, approval_proof = $4 WHERE id = $1",
        approval.id,
        ben.id,
        JSON.stringify(first),
        JSON.stringify(second),
      )
      expect(await faultsOf(approval.id)).toEqual(["key-unknown"])
    },
  )
})

it("reports an approval without signatures as unsigned, where people without a key may approve", async () => {
  const nobody = openEnrolments()
  const lax = await openStaff(db.database, { signing: nobody.signing("when-enrolled") })
  const [one, other] = [await addMember(lax, "policy-editor"), await addMember(lax, "counsel")]
  lax.approvals.register({
    kind: "list.remove",
    payload: z.unknown(),
    requestPermission: "list:read",
    approvePermission: "policy:read",
    perform: async () => undefined,
  })
  const actor = await one.actor()
  const approval = await transact(lax, actor.id, (tx) =>
    lax.approvals.request(tx, actor, "list.remove", "list-lax", {}),
  )
  await lax.approvals.approve(await other.actor(), approval.id)
  const { unsigned, faults } = await verifyApprovals(lax.db, await approvalWitness(enrolments.custodian))
  expect(unsigned).toContain(approval.id)
  expect(faults.map(({ approvalId }) => approvalId)).not.toContain(approval.id)
  // From the day on which they bring a key, they sign.
  const next = await transact(lax, actor.id, (tx) => lax.approvals.request(tx, actor, "list.remove", "list-next", {}))
  await nobody.enrol(one.id)
  await nobody.enrol(other.id)
  await expect(lax.approvals.approve(await other.actor(), next.id)).rejects.toMatchObject({ code: "state_conflict" })
  await lax.app.close()
})
