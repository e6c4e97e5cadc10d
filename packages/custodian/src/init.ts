/**
 * Makes a custodian's folder, and gives it NCMEC's credentials.
 * @module
 */
import { stat } from "node:fs/promises"
import { isAbsolute, join, resolve } from "node:path"
import { type Clock, compact, RequestError, systemClock } from "@nightlight/core"
import { ensureDirPrivate, writeFileAtomic, writeFileExclusive } from "@nightlight/durable"
import {
  activeRecipients,
  createDigestKey,
  createSigningKey,
  generateIdentity,
  openVerifier,
  protectIdentity,
  readKeyFile,
  readManifest,
  recipientOf,
  unlockIdentity,
} from "@nightlight/vault"
import { stringify } from "yaml"
import { parseConfig, readConfig } from "./config.ts"
import { beginJournal } from "./journal/begin.ts"
import { sealText } from "./keys/sealed-text.ts"
import { credentialsPath, custodianLayout, type ReportEnvironment } from "./layout.ts"

/** Properties of a new custodian. */
export interface InitOptions {
  /** Protects the identity made here, or opens the given one. */
  readonly passphrase: string
  /** Folder of sealed evidence; relative paths are relative to the custodian's folder. */
  readonly evidence: string
  /** The workspace's manifest and the public key that signs it, to compare with the custodian's own key. */
  readonly recipients?: { readonly manifest: string; readonly key: string }
  /** An existing protected identity, such as a workspace's `keys/custodian.age`; copied. */
  readonly identityFile?: string
  /** Path of its socket, if not in the folder; at most 100 characters. */
  readonly socket?: string
  /** Group that may use the socket, if the server runs as another user. */
  readonly socketGroup?: number
  /** Time of the journal's first event; the machine's by default. */
  readonly clock?: Clock
  /** Base-2 logarithm of scrypt's work factor; the vault's default if absent. */
  readonly workFactor?: number
}

/** Public parts of a new custodian. */
export interface InitResult {
  /** Public half of the custodian's identity, `age1...`: evidence must be sealed to it. */
  readonly recipient: string
  readonly config: string
}

/**
 * Makes a custodian in a folder of its own (0700). The configuration is written last: an interrupted call can be
 * repeated, a finished one cannot.
 *
 * @param dir - Absolute path.
 * @throws {RequestError} `state_conflict` if there is a custodian already; `passphrase_missing`, `passphrase_wrong`,
 *   `key_malformed`, `input_invalid`.
 * @throws {DependencyError} `disk_full`, `write_failed`.
 */
export async function initCustodian(dir: string, options: InitOptions): Promise<InitResult> {
  if (!isAbsolute(dir)) throw new RequestError("input_invalid", "expected the absolute path of a folder")
  const layout = custodianLayout(dir)
  await ensureDirPrivate(dir)
  if (await isThere(layout.config))
    throw new RequestError("state_conflict", "there is already a custodian in this folder")
  await ensureDirPrivate(join(dir, "keys"))
  const identity = await layIdentity(layout.identity, options)
  const recipient = await recipientOf(identity)
  for (const key of [layout.checkpointKey, layout.journalKey]) await unlessThere(() => createSigningKey(key))
  await unlessThere(() => createDigestKey(layout.digestKey))
  const { recipients, socket, socketGroup } = options
  const config = {
    version: 1,
    evidence: resolve(dir, options.evidence),
    recipient,
    ...compact({
      recipients: recipients && { manifest: resolve(dir, recipients.manifest), key: resolve(dir, recipients.key) },
    }),
    ...compact({ socket: socket === undefined ? undefined : resolve(dir, socket), socketGroup }),
  }
  const text = stringify(config)
  const writtenConfig = parseConfig(text)
  await beginJournal(layout, {
    identity,
    writtenConfig,
    recipients: await recipientsAtFirst(config.recipients, recipient),
    clock: options.clock ?? systemClock,
  })
  await writeFileExclusive(layout.config, text, 0o600)
  return { recipient, config: layout.config }
}

/**
 * Seals NCMEC's credentials for a host to the custodian's own key, replacing existing ones. Needs no passphrase: only
 * the unlocked custodian can open what is sealed here.
 *
 * @throws {RequestError} `not_found` if there is no custodian; `input_invalid` if user name or password is empty.
 */
export async function setCredentials(
  dir: string,
  environment: ReportEnvironment,
  credentials: { readonly username: string; readonly password: string },
): Promise<void> {
  const layout = custodianLayout(dir)
  const { recipient } = await readConfig(layout.config)
  const { username, password } = credentials
  if (username === "" || password === "" || username.includes(":")) {
    throw new RequestError("input_invalid", "expected a user name without a colon, and a password")
  }
  const sealed = await sealText(JSON.stringify({ username, password }), recipient)
  await writeFileAtomic(credentialsPath(layout, environment), sealed, 0o600)
}

/** The workspace's recipients while its custodian is made; `undefined` if there is no manifest yet. */
async function recipientsAtFirst(
  place: InitOptions["recipients"],
  own: string,
): Promise<readonly string[] | undefined> {
  if (place === undefined || !(await isThere(place.manifest)) || !(await isThere(place.key))) return undefined
  const active = activeRecipients(await readManifest(place.manifest, await openVerifier(place.key)))
  const recipients = active.map((entry) => entry.recipient)
  return recipients.includes(own) ? recipients : undefined
}

/** Writes the protected identity; an existing one, of an interrupted call, stays: evidence may be sealed to it. */
async function layIdentity(path: string, { passphrase, identityFile, workFactor }: InitOptions): Promise<string> {
  const given = (await isThere(path)) ? path : identityFile
  if (given !== undefined) {
    const text = await readKeyFile(given, 0o077)
    const identity = await unlockIdentity(text, passphrase)
    await writeFileAtomic(path, text, 0o600)
    return identity
  }
  const identity = await generateIdentity()
  const text = await protectIdentity(identity, passphrase, compact({ workFactor }))
  await writeFileAtomic(path, text, 0o600)
  return identity
}

function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}

async function unlessThere(make: () => Promise<unknown>): Promise<void> {
  await make().catch((error: unknown) => {
    if (!(error instanceof RequestError && error.code === "state_conflict")) throw error
  })
}
