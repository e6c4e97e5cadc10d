/**
 * Makes a workspace.
 * @module
 */
import { chmod, mkdir, readdir, rm, stat } from "node:fs/promises"
import { join } from "node:path"
import { type Clock, compact, hasCode, RequestError, systemClock } from "@nightlight/core"
import { ensureDirPrivate, writeFileAtomic } from "@nightlight/durable"
import { readDefaultPolicy } from "@nightlight/screening"
import {
  createDigestKey,
  createSigningKey,
  generateIdentity,
  type Manifest,
  type ManifestRecipient,
  openSigner,
  openVerifier,
  protectIdentity,
  recipientOf,
  writeManifest,
} from "@nightlight/vault"
import { writeAccepted } from "../keys/accepted-recipients.ts"
import { parseConfig } from "./config.ts"
import { type ConfigAnswers, defaultConfigText } from "./default-config.ts"
import { type WorkspaceLayout, workspaceLayout } from "./layout.ts"
import { openWorkspace } from "./open.ts"

/** The choices for a new workspace. */
export interface InitAnswers extends ConfigAnswers {
  /** age1... keys of custodians made elsewhere; without one a local key is made. */
  readonly custodians: readonly string[]
  /** age1... of a recovery key made elsewhere; without it one is made here, to be stored elsewhere. */
  readonly recovery?: string
  /** Encrypts private halves that are made here. */
  readonly passphrase?: string
  /** Base-2 logarithm of scrypt's work factor; the vault's default unless given. */
  readonly workFactor?: number
}

/** The keys of a new workspace. */
export interface InitResult {
  readonly layout: WorkspaceLayout
  readonly manifest: Manifest
  /** Whether no custodian's private half is in the workspace. */
  readonly custodySeparated: boolean
  /** Files with encrypted private halves; absent where the key was made elsewhere. */
  readonly custodianIdentity?: string
  readonly recoveryIdentity?: string
}

const OTHERS_LIST_OR_WRITE = 0o066

/** Parts that an init creates beside the configuration. Their names are common, and may be the operator's own files. */
const PARTS: readonly string[] = [
  "keys",
  "lists",
  "index",
  "evidence",
  "audit",
  "scans",
  "hunts",
  "purges",
  "policy.yaml",
  "policy.tests.yaml",
]

/** Present in the folder during an init: parts found then are the init's own. */
const MARKER = ".nightlight-init"

/**
 * Makes a workspace in an existing folder and restricts the folder to its owner (0700). The configuration is written
 * last, so a folder without it is not a workspace and an interrupted call can be repeated.
 *
 * @throws {RequestError} `workspace_exists`; `passphrase_missing` if a private half is made here without one;
 * `key_malformed` if a recipient is not an age X25519 key; `config_invalid`; `state_conflict` if the folder contains
 * files of the same names that an init did not leave.
 * @throws {DependencyError} `disk_full`, `write_failed`.
 */
export async function initWorkspace(
  folder: string,
  answers: InitAnswers,
  clock: Clock = systemClock,
): Promise<InitResult> {
  const layout = workspaceLayout(folder)
  await assertFree(layout)
  const makesKeys = answers.custodians.length === 0 || answers.recovery === undefined
  if (makesKeys && (answers.passphrase === undefined || answers.passphrase === "")) {
    throw new RequestError("passphrase_missing", "a private key made here is kept encrypted under a passphrase", {
      hint: "Set NIGHTLIGHT_PASSPHRASE, or name keys made elsewhere by --recipient and --recovery.",
    })
  }
  parseConfig(defaultConfigText(answers))
  await mkdir(folder, { recursive: true, mode: 0o700 })
  // A folder that root lets several users pass through, but not list, stays as it is.
  if (((await stat(folder)).mode & OTHERS_LIST_OR_WRITE) !== 0) await chmod(folder, 0o700)
  await writeFileAtomic(join(folder, MARKER), "", 0o600)
  await removeParts(folder)
  try {
    return await makeWorkspace(layout, answers, clock)
  } catch (error) {
    // The remains of a failure are removed, because the folder may contain other things by the next init.
    if (!(await exists(layout.config))) await removeParts(folder)
    throw error
  } finally {
    await rm(join(folder, MARKER), { force: true })
  }
}

async function makeWorkspace(layout: WorkspaceLayout, answers: InitAnswers, clock: Clock): Promise<InitResult> {
  await ensureDirPrivate(layout.keys)
  await createSigningKey(layout.signingKey)
  await createDigestKey(layout.digestKey)
  const { recipients, identities, custodianIdentity, recoveryIdentity } = await makeRecipients(layout, answers, clock)
  const signer = await openSigner(layout.signingKey)
  const verifier = await openVerifier(layout.signingPublic)
  const manifest = await writeManifest(layout.recipients, recipients, { signer, verifier, clock })
  // Without a private half at hand, the first rewrapping asks for acceptance.
  if (identities.length > 0) {
    const accepted = recipients.map(({ recipient }) => recipient)
    await writeAccepted(layout, accepted, identities)
  }
  for (const part of [layout.lists, layout.index, layout.evidence, layout.audit, layout.scans]) {
    await ensureDirPrivate(part)
  }
  const policy = await readDefaultPolicy()
  await writeFileAtomic(join(layout.root, "policy.yaml"), policy.text, 0o600)
  await writeFileAtomic(join(layout.root, "policy.tests.yaml"), policy.testsText, 0o600)
  await writeFileAtomic(layout.config, defaultConfigText(answers), 0o600)
  await rm(join(layout.root, MARKER))
  await openFirstTime(layout, manifest, clock)
  return compact({
    layout,
    manifest,
    custodySeparated: answers.custodians.length > 0,
    custodianIdentity,
    recoveryIdentity,
  })
}

/** Imports the test cards, builds the first index, and begins the log. */
async function openFirstTime(layout: WorkspaceLayout, manifest: Manifest, clock: Clock): Promise<void> {
  const workspace = await openWorkspace(layout.root, clock)
  await workspace.refreshIndex()
  await workspace.record("workspace.created", {
    custody: workspace.config.custody.mode,
    recipients: manifest.recipients.length,
    recipientsVersion: manifest.version,
    people: "one-person",
  })
}

async function makeRecipients(layout: WorkspaceLayout, answers: InitAnswers, clock: Clock) {
  const addedAt = clock.now().toISOString()
  const recipients: ManifestRecipient[] = answers.custodians.map((recipient, position) => ({
    id: position === 0 ? "custodian" : `custodian-${position + 1}`,
    recipient,
    role: "custodian",
    local: false,
    addedAt,
  }))
  const identities: string[] = []
  let custodianIdentity: string | undefined
  let recoveryIdentity: string | undefined
  if (recipients.length === 0) {
    const { identity, recipient } = await makeIdentity(layout.custodianIdentity, answers)
    identities.push(identity)
    recipients.push({ id: "custodian", recipient, role: "custodian", local: true, addedAt })
    custodianIdentity = layout.custodianIdentity
  }
  if (answers.recovery === undefined) {
    const { identity, recipient } = await makeIdentity(layout.recoveryIdentity, answers)
    identities.push(identity)
    recipients.push({ id: "recovery", recipient, role: "recovery", local: true, addedAt })
    recoveryIdentity = layout.recoveryIdentity
  } else {
    recipients.push({ id: "recovery", recipient: answers.recovery, role: "recovery", local: false, addedAt })
  }
  return { recipients, identities, custodianIdentity, recoveryIdentity }
}

async function makeIdentity(path: string, { passphrase = "", workFactor }: InitAnswers) {
  const identity = await generateIdentity()
  const text = await protectIdentity(identity, passphrase, compact({ workFactor }))
  await writeFileAtomic(path, text, 0o600)
  return { identity, recipient: await recipientOf(identity) }
}

async function assertFree(layout: WorkspaceLayout): Promise<void> {
  if (await exists(layout.config)) {
    throw new RequestError("workspace_exists", "this folder is a workspace already", {
      hint: "nightlight doctor shows its state.",
    })
  }
  // Without a configuration nothing was ever sealed or scanned, so earlier parts mean that it was lost since.
  const isUnderWay = await exists(join(layout.root, MARKER))
  for (const part of isUnderWay ? ["evidence", "scans"] : PARTS) {
    if ((await namesIn(join(layout.root, part))).length === 0) continue
    throw new RequestError("state_conflict", `${part} exists already, but nightlight.yaml does not`, {
      hint: "Restore nightlight.yaml, or choose another folder: a workspace keeps its own files under that name.",
    })
  }
}

async function removeParts(folder: string): Promise<void> {
  for (const part of PARTS) await rm(join(folder, part), { recursive: true, force: true })
}

/** Names in a folder; a file counts as a name of its own. */
async function namesIn(path: string): Promise<readonly string[]> {
  return readdir(path).catch((error: unknown) => {
    if (hasCode(error, "ENOENT")) return []
    if (hasCode(error, "ENOTDIR")) return [path]
    throw error
  })
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    (error: unknown) => {
      if (hasCode(error, "ENOENT")) return false
      throw error
    },
  )
}
