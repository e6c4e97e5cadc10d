import { randomUUID } from "node:crypto"
import {
  type CustodianRole,
  documentDigest,
  type FilingAnswer,
  type FilingGrant,
  FilingTemplate,
  fixedPartOf,
  type ProvenGrant,
} from "@nightlight/contract/custodian"
import type { JsonValue } from "@nightlight/core"
import { type CustodianResponse, setCredentials } from "@nightlight/custodian"
import { connectAdmin, startSimulator } from "@nightlight/cybertipline/simulator"
import { onTestFinished } from "vitest"
import type { SealedItem, Site } from "./folders.ts"
import { enrol, get, type Person, post, prove } from "./people.ts"

/** Credentials that the simulated CyberTipline accepts. */
export const CREDENTIALS = { username: "esp-1", password: "a password of a test" }

/** A harmless report. */
export const REPORT = {
  incidentSummary: {
    incidentType: "Child Pornography (possession, manufacture, and distribution)",
    incidentDateTime: "2026-01-02T03:04:05Z",
  },
  reporter: { reportingPerson: { email: [{ value: "role@esp.example" }] } },
  additionalInfo: "canary-report",
} as const

/** The template for automatic reports that two people authorise. */
export function templateOf(report: Parameters<typeof fixedPartOf>[0]): FilingTemplate {
  return {
    fixed: FilingTemplate.shape.fixed.parse(fixedPartOf(report)),
    service: "Example",
    times: ["Time of the item."],
    lines: ["canary-report", "{files} items in {number} places.", "Earlier reports: {reports}."],
    place: ["SHA-256: {sha256}", "source: {url}", "shard: {name}", "found: {time}"],
    files: ["Exact match."],
  }
}

/** The template that {@link REPORT} follows. */
export const TEMPLATE = templateOf(REPORT)

/**
 * Starts a CyberTipline simulator in this process, with the interface of one in another process. It ends with the test.
 */
export async function startTipline(environment: "test" | "production" = "test") {
  const simulator = await startSimulator({ credentials: CREDENTIALS, environment, adminToken: "admin" })
  const { baseUrl, adminUrl } = simulator
  const stop = () => simulator.close()
  onTestFinished(stop)
  return { baseUrl, admin: connectAdmin(adminUrl, "admin"), stop }
}

/** A running CyberTipline simulator. */
export type Tipline = Awaited<ReturnType<typeof startTipline>>

/** The part of a site's configuration that names a simulator. */
export function hostsOf({ baseUrl }: Tipline, answerMs = 20_000) {
  return { hosts: { test: { baseUrl }, answerMs } }
}

/** Stores the simulator's credentials in a custodian's folder. */
export function giveCredentials(
  { dir }: Pick<Site, "dir">,
  environment: "test" | "production" = "test",
): Promise<void> {
  return setCredentials(dir, environment, CREDENTIALS)
}

/** A file for a report, with its details. */
export interface FileToReport {
  readonly evidence: SealedItem
  readonly details: JsonValue
}

/** Makes a filing grant, proven by preparer and approver. */
export async function filingGrant(
  people: readonly Person[],
  {
    files = [],
    document = REPORT,
    now = new Date(),
    ...change
  }: { files?: readonly FileToReport[]; document?: JsonValue; now?: Date } & Partial<Omit<FilingGrant, "files">> = {},
): Promise<ProvenGrant> {
  const grant: FilingGrant = {
    format: "nightlight-grant/1",
    grantId: randomUUID(),
    caseId: "case-1",
    reportId: "report-1",
    issuedAt: now.toISOString(),
    expiresAt: new Date(now.getTime() + 20 * 3_600_000).toISOString(),
    purpose: "filing",
    environment: "test",
    documentSha256: await documentDigest(document),
    files: await Promise.all(
      files.map(async ({ evidence, details }) => ({ ...evidence, detailsSha256: await documentDigest(details) })),
    ),
    preparedBy: people[0]?.id ?? "nobody",
    singlePerson: people.length === 1,
    ...change,
  }
  return prove(grant, ...people)
}

/** Enrols two people who may file together. */
export async function enrolReporters(socket: string) {
  const pairs: readonly [string, CustodianRole][] = [
    ["rob", "reporter"],
    ["cora", "counsel"],
  ]
  const people: Person[] = []
  for (const [id, role] of pairs) people.push(await enrol(socket, id, [role]))
  return people
}

/** Asks a custodian to file. */
export function filer(socket: () => string, proven: ProvenGrant) {
  const at = `/v1/filings/${proven.grant.grantId}`
  const ask = (path: string, body: unknown) => post(socket(), `${at}${path}`, body)
  return {
    open: (attempt = 1, document: unknown = REPORT) =>
      post(socket(), "/v1/filings/open", { proven, document, attempt }),
    upload: (evidenceId: string, attempt = 1) => ask(`/files/${evidenceId}`, { attempt }),
    describe: (
      evidenceId: string,
      body: { fileId: string; details: unknown; attempt?: number; template?: FilingTemplate },
    ) => ask(`/files/${evidenceId}/details`, { attempt: 1, ...body }),
    finish: (attempt = 1) => ask("/finish", { attempt }),
    retract: (attempt = 1) => ask("/retract", { attempt }),
    abandon: (attempt = 1) => ask("/abandon", { attempt }),
    journal: () => get(socket(), at),
  }
}

/** Returns the facts of an accepted answer. @throws {Error} for any other answer. */
export function accepted({ status, body }: CustodianResponse) {
  const answer = body as FilingAnswer
  if (status !== 200 || answer.kind !== "accepted") throw new Error(`expected accepted, got ${JSON.stringify(body)}`)
  return answer
}
