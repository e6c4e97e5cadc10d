/**
 * A custodian that may file without a person.
 */
import { createHash, randomUUID } from "node:crypto"
import { writeFile } from "node:fs/promises"
import { join } from "node:path"
import {
  type AuthorisationRevocation,
  type AutomaticFilingGrant,
  documentDigest,
  type FilingAuthorisation,
  type ProvenAuthorisation,
  proveAuthorisationRevocation,
  proveFilingAuthorisation,
} from "@nightlight/contract/custodian"
import { DAY_MS } from "@nightlight/core"
import {
  enrolReporters,
  type FileToReport,
  filer,
  giveCredentials,
  hostsOf,
  REPORT,
  startTipline,
  TEMPLATE,
} from "@nightlight/dev-env/custodian/filing"
import { sha256, tempDir } from "@nightlight/dev-env/custodian/folders"
import { type Person, post } from "@nightlight/dev-env/custodian/people"
import { picture } from "@nightlight/dev-env/custodian/pictures"
import { serveSite, turnableTime } from "@nightlight/dev-env/custodian/serving"

export const DETAILS = { fileViewedByEsp: false, exifViewedByEsp: false } as const
const START = new Date("2026-06-01T12:00:00.000Z")

/** A custodian with two lists, one file that both list, and two people who may authorise reports on it. */
export async function makeInstallation() {
  const tipline = await startTipline()
  const time = turnableTime(START)
  const lists = await tempDir()
  const site = await serveSite({ config: { ...hostsOf(tipline), lists }, time: time.sources })
  await giveCredentials(site)
  const [rob, cora] = (await enrolReporters(site.socket)) as [Person, Person]
  const content = await picture(1)
  const evidence = await site.seal({ evidenceId: "item-1", content })
  const known = `sha1:${"0".repeat(40)}\nsha256:${sha256(content)}\n`
  const partner = `sha1:${createHash("sha1").update(content).digest("hex")}\n`
  const snapshots = [
    { list: "known", sha256: sha256(known) },
    { list: "partner", sha256: sha256(partner) },
  ]
  await writeFile(join(lists, "known.hashes"), known)
  await writeFile(join(lists, "partner.hashes"), partner)
  const files: readonly FileToReport[] = [{ evidence, details: DETAILS }]

  function authorisation(change: Partial<FilingAuthorisation> = {}): FilingAuthorisation {
    return {
      format: "nightlight-filing-authorisation/1",
      authorisationId: `authorisation-${randomUUID()}`,
      environment: "test",
      lists: ["known", "partner"],
      snapshots,
      template: TEMPLATE,
      dailyCap: 3,
      issuedAt: time.now().toISOString(),
      expiresAt: new Date(time.now().getTime() + 30 * DAY_MS).toISOString(),
      counsel: cora.id,
      reporter: rob.id,
      ...change,
    }
  }
  const proven = async (
    of: FilingAuthorisation,
    people: readonly Person[] = [cora, rob],
  ): Promise<ProvenAuthorisation> => ({
    authorisation: of,
    proofs: await Promise.all(people.map(({ id, key }) => proveFilingAuthorisation(of, id, key.privateKey))),
  })
  const give = (of: ProvenAuthorisation) => post(site.socket, "/v1/filing-authorisations", of)

  async function stand(change: Partial<FilingAuthorisation> = {}): Promise<string> {
    const of = authorisation(change)
    const answer = await give(await proven(of))
    if (answer.status !== 200) throw new Error(`expected it to stand, got ${JSON.stringify(answer.body)}`)
    return of.authorisationId
  }

  async function revoke(authorisationId: string, by: Person, person = by.id) {
    const revocation: AuthorisationRevocation = {
      format: "nightlight-filing-authorisation-revocation/1",
      authorisationId,
      person,
      at: time.now().toISOString(),
    }
    const proof = await proveAuthorisationRevocation(revocation, by.key.privateKey)
    return post(site.socket, "/v1/filing-authorisations/revoke", { revocation, proof })
  }

  async function automatic(authorisationId: string, change: Partial<AutomaticFilingGrant> = {}, given = files) {
    const now = time.now()
    const grant: AutomaticFilingGrant = {
      format: "nightlight-grant/1",
      grantId: randomUUID(),
      caseId: "case-1",
      reportId: `report-${randomUUID()}`,
      issuedAt: now.toISOString(),
      expiresAt: new Date(now.getTime() + 3_600_000).toISOString(),
      purpose: "automatic-filing",
      environment: "test",
      documentSha256: await documentDigest(REPORT),
      authorisationId,
      template: TEMPLATE,
      files: await Promise.all(
        given.map(async ({ evidence: item, details }) => ({ ...item, detailsSha256: await documentDigest(details) })),
      ),
      lists: ["known"],
      ...change,
    }
    return filer(() => site.socket, { grant, proofs: [] })
  }

  const reports = async () => (await tipline.admin.state()).reports
  return {
    ...site,
    lists,
    snapshots,
    time,
    rob,
    cora,
    files,
    sha256: sha256(content),
    authorisation,
    proven,
    give,
    stand,
    revoke,
    automatic,
    reports,
  }
}

export type Installation = Awaited<ReturnType<typeof makeInstallation>>
