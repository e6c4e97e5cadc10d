/**
 * Prepares a demonstration's folder before anything runs: a workspace, and configurations without any real host.
 * @module
 */
import { randomBytes } from "node:crypto"
import { readFile } from "node:fs/promises"
import { join } from "node:path"
import { setCredentials } from "@nightlight/custodian"
import { type Simulator, startSimulator } from "@nightlight/cybertipline/simulator"
import { initWorkspace } from "@nightlight/dataset"
import { ensureDirPrivate, writeFileAtomic } from "@nightlight/durable"
import { parseDocument } from "yaml"
import { KEYS } from "../passphrase.ts"

const SERVER_SETTINGS = {
  demo: true,
  "organisation.company": "Example Pictures (demonstration)",
  "organisation.contact": { firstName: "Trust", lastName: "Desk", email: "trust.desk@example.org" },
  "organisation.termsUrl": "https://pictures.example/terms",
  "organisation.legalUrl": "https://pictures.example/law-enforcement",
  // Without sampling, second reviews depend on the case alone, so that every demonstration begins the same way.
  "review.secondReviewSampling": 0,
}

type MakeServiceFolders = (passphrase: string) => Promise<string>

/** Makes the workspace, the custodian and the server's configuration. */
export async function prepareFolder(dataDir: string, makeServiceFolders: MakeServiceFolders): Promise<void> {
  const basis = "a demonstration of generated shapes"
  await initWorkspace(dataDir, { custody: "seal", basis, custodians: [], ...KEYS })
  await configure(await makeServiceFolders(KEYS.passphrase), SERVER_SETTINGS)
}

/** The custodian's folder, which also holds its snapshots of lists. */
export const custodianFolder = (dataDir: string) => join(dataDir, "custodian")
const LISTS = "lists"

/** Path of the custodian's snapshot of a list. */
export function snapshotPath(dataDir: string, list: string): string {
  return join(custodianFolder(dataDir), LISTS, `${list}.hashes`)
}

const credentials = { username: "demonstration", password: randomBytes(18).toString("base64url") }

/** Starts the CyberTipline simulator on the loopback address. Its report ids continue after those of an earlier start. */
export function startReceiver(): Promise<Simulator> {
  return startSimulator({ credentials, environment: "test", firstReportId: Math.floor(Date.now() / 1000) })
}

/** Writes the simulator's address and credentials into the custodian's configuration, as its only host. */
export async function pinReceiver(dataDir: string, { baseUrl }: Pick<Simulator, "baseUrl">): Promise<void> {
  const folder = custodianFolder(dataDir)
  await ensureDirPrivate(join(folder, LISTS))
  await configure(join(folder, "custodian.yaml"), {
    hosts: { test: { baseUrl }, production: { enabled: false, baseUrl } },
    lists: LISTS,
    // All pictures are generated shapes, so a system without decoder isolation is accepted too, and shown.
    decoder: { withoutIsolation: "accept" },
  })
  await setCredentials(folder, "test", credentials)
}

async function configure(path: string, settings: Readonly<Record<string, unknown>>): Promise<void> {
  const document = parseDocument(await readFile(path, "utf8"))
  for (const [member, value] of Object.entries(settings)) document.setIn(member.split("."), value)
  await writeFileAtomic(path, document.toString(), 0o600)
}
