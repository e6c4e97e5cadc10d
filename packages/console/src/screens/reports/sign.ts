/**
 * Signing reports with the keys in this browser. The grant is compared with what the page shows first, so that a server
 * cannot have anything else signed.
 * @module
 */
import type { FilingGrant } from "@nightlight/contract/custodian"
import type { GrantAnswer } from "@nightlight/contract/server"
import { call } from "../../api/call.ts"
import { CallError } from "../../api/problem.ts"
import type { SchemaOutput } from "../../api/schema-output.ts"
import { type PersonKey, prove } from "../../custody/person-key.ts"
import type { Detail, Summary } from "./queries.ts"
import { reports as say } from "./words.ts"

/** The person who signs, and their key. */
export interface Signer {
  readonly person: string
  readonly key: PersonKey
}

type Granted = SchemaOutput<typeof GrantAnswer>

/** Signs as the preparer; the report then waits for its approver. */
export async function propose(shown: Detail, { person, key }: Signer): Promise<Summary> {
  const { report, proof } = await prepare(shown, { person, key }, false)
  return call("POST", `/v1/reports/${report.id}/propose`, { body: { version: report.version, proof } })
}

/** Signs as the only person, for a reason; the report is filed at once. */
export async function fileAlone(shown: Detail, signer: Signer, reason: string): Promise<Summary> {
  const { report, proof } = await prepare(shown, signer, true)
  return call("POST", `/v1/reports/${report.id}/file-alone`, { body: { version: report.version, proof, reason } })
}

/** Signs as the approver; the report is filed. */
export async function approve(shown: Detail, { person, key }: Signer): Promise<Summary> {
  const { report, grant } = await call<Granted>("GET", `/v1/reports/${shown.report.id}/grant`)
  await assertShown(grant, shown, shown.report.preparedBy)
  const proof = await prove(grant, person, key)
  return call("POST", `/v1/reports/${report.id}/approve`, { body: { version: shown.report.version, proof } })
}

async function prepare(shown: Detail, { person, key }: Signer, singlePerson: boolean) {
  const { id, version } = shown.report
  const { report, grant } = await call<Granted>("POST", `/v1/reports/${id}/grant`, { body: { version, singlePerson } })
  await assertShown(grant, shown, person)
  return { report, proof: await prove(grant, person, key) }
}

/** @throws {CallError} `grant_differs` if the grant differs in any way from what the page shows. */
async function assertShown(grant: FilingGrant, shown: Detail, preparedBy: string): Promise<void> {
  const { documentDigest } = await import("@nightlight/contract/custodian")
  const { report, document, files } = shown
  const isSame =
    grant.reportId === report.id &&
    grant.caseId === report.caseId &&
    grant.environment === report.environment &&
    grant.preparedBy === preparedBy &&
    grant.documentSha256 === (await documentDigest(document as Json)) &&
    grant.files.length === files.length
  const digests = await Promise.all(files.map(({ details }) => documentDigest(details as Json)))
  const areSame = files.every(({ evidenceId, ciphertextSha256 }, place) => {
    const file = grant.files[place]
    return (
      file?.evidenceId === evidenceId &&
      file.ciphertextSha256 === ciphertextSha256 &&
      file.detailsSha256 === digests[place]
    )
  })
  if (!isSame || !areSame) throw new CallError("grant_differs", say.sign.differs, 0)
}

type Json = Parameters<typeof import("@nightlight/contract/custodian").documentDigest>[0]
