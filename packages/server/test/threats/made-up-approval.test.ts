/**
 * A server that was taken over writes an approval into its own tables, signed with keys of its own: the check of the log
 * names it.
 */

import { createPersonKey, proveApproval } from "@nightlight/contract/custodian"
import { sha256 } from "@nightlight/dev-env/custodian/folders"
import { enrol } from "@nightlight/dev-env/custodian/people"
import { serveSite } from "@nightlight/dev-env/custodian/serving"
import { useDatabase } from "@nightlight/dev-env/database/postgres"
import { canonicalDigest } from "@nightlight/durable"
import { openVerifier, publicKeyPath } from "@nightlight/vault"
import { describe, expect, it } from "vitest"
import { custodianLayout } from "../../../custodian/src/index.ts"
import { verifyDatabase } from "../../src/oversight/audit/verify-database.ts"
import { updateSealed } from "../../src/platform/authority/sealed-rows.ts"
import { openCustodianClient } from "../../src/platform/custodian/client.ts"
import { readEvents } from "../../src/platform/events/read.ts"
import { transact } from "../../src/platform/events/transact.ts"
import { createApprovalSigning, toTerms } from "../../src/staff/approvals/signing.ts"
import { approvalWitness } from "../../src/staff/approvals/verify-proofs.ts"
import { addMember, openStaff } from "../support/staff.ts"

const db = useDatabase()

describe("an approval that a server made up", () => {
  it("is done in its own tables, and is named by the log's check, like a role granted without an approval", async () => {
    const site = await serveSite()
    const custodian = openCustodianClient(site.socket)
    const signing = createApprovalSigning({ custodian, rule: "required" })
    const staff = await openStaff(db.database, { signing, areRolesApproved: true })
    const [ada, ben] = [await addMember(staff, "administrator"), await addMember(staff, "administrator")]
    const mallory = await addMember(staff, "reviewer")
    for (const { id } of [ada, ben]) await enrol(site.socket, id, ["approver"])
    const witness = await approvalWitness(custodian)
    const verifier = await openVerifier(publicKeyPath(custodianLayout(site.dir).checkpointKey))
    const verify = () => verifyDatabase(db.database.kysely, { verifier, witness })
    expect(await verify()).toMatchObject({ ok: true })

    const approval = await transact(staff, ada.id, async (tx) =>
      staff.approvals.request(tx, await ada.actor(), "role.grant", mallory.id, { role: "senior-reviewer" }),
    )
    const key = await createPersonKey()
    const keyId = sha256(Buffer.from(key.publicKey, "base64url")).slice(0, 16)
    const at = staff.clock.now()
    const proofOf = async (step: "request" | "approve", person: string) => ({
      ...(await proveApproval(toTerms(approval), { step, person, at: at.toISOString() }, key.privateKey)),
      keyId,
    })
    const [first, second] = [await proofOf("request", ada.id), await proofOf("approve", ben.id)]
    // The service itself refuses it; a taken one does not ask.
    await expect(staff.approvals.sign(await ada.actor(), approval.id, first)).rejects.toMatchObject({
      code: "input_invalid",
    })
    await transact(staff, ada.id, async ({ record }) =>
      record({ type: "approval.signed", subject: approval.id, data: { keyId, proofSha256: canonicalDigest(first) } }),
    )
    await transact(staff, ben.id, async ({ trx, record }) => {
      await updateSealed(trx, "approvals", (all) => all.where("id", "=", approval.id), {
        state: "done",
        decided_by: ben.id,
        decided_at: at,
        request_proof: JSON.stringify(first),
        approval_proof: JSON.stringify(second),
      })
      for (const subject of [ada.id, ben.id]) {
        const halves = { first: key.publicKey.slice(0, 44), last: key.publicKey.slice(44) }
        record({ type: "approval-key.pinned", subject, data: { keyId, ...halves } })
      }
      record({ type: "approval.approved", subject: approval.id, data: { keyId, proofSha256: canonicalDigest(second) } })
    })
    expect(await verify()).toMatchObject({
      ok: false,
      row: { table: "approvals", id: approval.id, what: "key-unknown" },
    })
    await transact(staff, ben.id, async (tx) =>
      staff.people.grant(tx, mallory.id, { role: "reporter", requestedBy: ada.id, approvedBy: ben.id }),
    )
    const [granted] = await readEvents(db.database.kysely, { type: "role.granted", order: "newest", limit: 1 })
    const row = { table: "events", id: String(granted?.seq), what: "unapproved" }
    expect(await verify()).toMatchObject({ ok: false, row })
    await staff.app.close()
  })
})
