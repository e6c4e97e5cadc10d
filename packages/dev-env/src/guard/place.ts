import { randomBytes } from "node:crypto"
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { systemClock } from "@nightlight/core"
import { signDocument } from "@nightlight/durable"
import type { IncidentOptions } from "@nightlight/guard"
import {
  createSigningKey,
  generateIdentity,
  type Manifest,
  openSigner,
  recipientOf,
  toKeyedDigest,
} from "@nightlight/vault"
import { type LogEvent, openIncidents } from "../../../guard/src/incidents/open-incidents.ts"

/** Folder, keys and server for keeping incidents, and what was delivered. */
export interface TestPlace extends AsyncDisposable {
  readonly root: string
  readonly evidenceDir: string
  readonly spoolDir: string
  readonly publicKey: string
  readonly identity: string
  readonly options: IncidentOptions
  readonly logged: LogEvent[]
  readonly alarms: string[]
}

const LIMITS = { maxRecords: 1000, maxBytes: 1_000_000_000, perAccountDaily: 500, perKeyDaily: 20_000 }

/** Makes a place; it is removed when it is disposed of. */
export async function makePlace(
  changes: Partial<IncidentOptions> = {},
  root = mkdtempSync(join(tmpdir(), "nl-incidents-")),
): Promise<TestPlace> {
  mkdirSync(root, { recursive: true })
  const custodian = await generateIdentity()
  const addedAt = "2026-01-01T00:00:00.000Z"
  const recipients = await Promise.all(
    [custodian, await generateIdentity()].map(async (identity, index) => ({
      id: `key-${index}`,
      recipient: await recipientOf(identity),
      role: index === 0 ? ("custodian" as const) : ("recovery" as const),
      local: false,
      addedAt,
    })),
  )
  const manifest: Manifest = { version: 1, writtenAt: addedAt, recipients }
  await createSigningKey(join(root, "signing.pem"))
  const signer = await openSigner(join(root, "signing.pem"))
  const logged: LogEvent[] = []
  const alarms: string[] = []
  const evidenceDir = join(root, "evidence")
  const spoolDir = join(root, "spool")
  return {
    root,
    evidenceDir,
    spoolDir,
    logged,
    alarms,
    identity: custodian,
    publicKey: readFileSync(join(root, "signing.pem.pub"), "utf8"),
    options: {
      evidenceDir,
      spoolDir,
      manifest,
      limits: LIMITS,
      clock: systemClock,
      retryMs: 5,
      keyed: toKeyedDigest(randomBytes(32)),
      custody: { mode: "seal", basis: "a test's own reasons" },
      sourceKey: async () => ({ keyId: signer.keyId, sign: (body) => signDocument(body, signer) }),
      record: async (events) => void logged.push(...events),
      onAlarm: (code) => void alarms.push(code),
      ...changes,
    },
    [Symbol.asyncDispose]: async () => rmSync(root, { recursive: true, force: true }),
  }
}

/** Opens incident keeping in a place. */
export function open(place: TestPlace, changes: Partial<IncidentOptions> = {}) {
  return openIncidents({ ...place.options, ...changes })
}

/** Waits until something holds. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((done) => setImmediate(done))
}

/** Lists all files below a folder except locks. */
export function filesBelow(dir: string): readonly string[] {
  if (!existsSync(dir)) return []
  return readdirSync(dir, { recursive: true, encoding: "utf8" })
    .map((name) => join(dir, name))
    .filter((path) => statSync(path, { throwIfNoEntry: false })?.isFile() === true)
}
