import { readFile } from "node:fs/promises"
import { type Clock, compact, IntegrityError, RequestError, type Signer, type Verifier } from "@nightlight/core"
import {
  documentText,
  errnoOf,
  parseDocument,
  signDocument,
  toReadError,
  withLock,
  writeFileAtomic,
} from "@nightlight/durable"
import { assertRecipient } from "../keys/recipient.ts"
import { activeRecipients, isManifestRecipient, type Manifest, type ManifestRecipient } from "./manifest.ts"

const FORMAT = "nightlight-recipients/1"

/** Signs a manifest, and verifies the one that it replaces. */
export interface ManifestAuthority {
  readonly signer: Signer
  /** Verifies the same key. */
  readonly verifier: Verifier
  readonly clock: Clock
}

/**
 * Writes the next version of a recipient manifest, as indented JSON, readable by its owner. A recipient stays in it: it
 * can be revoked, but not removed, changed or reinstated.
 *
 * @param recipients - All of them, earlier ones included.
 * @throws {RequestError} `key_malformed` if one is not an age X25519 recipient; `config_invalid` if one is malformed or
 *   too few are active; `state_conflict` if an earlier one is missing or changed, or an id is used twice.
 * @throws {IntegrityError} `manifest_untrusted` if this key did not sign the existing file.
 * @throws {DependencyError} `disk_full`, `write_failed`, `locked`.
 */
export async function writeManifest(
  path: string,
  recipients: readonly ManifestRecipient[],
  { signer, verifier, clock }: ManifestAuthority,
): Promise<Manifest> {
  assertUsable(recipients)
  return withLock(`${path}.lock`, async () => {
    const text = await readText(path)
    const before = text === undefined ? undefined : parse(text, verifier)
    assertKept(before?.recipients ?? [], recipients)
    const manifest = {
      version: (before?.version ?? 0) + 1,
      writtenAt: clock.now().toISOString(),
      recipients: recipients.map(copyOf),
    }
    await writeFileAtomic(path, documentText(signDocument({ format: FORMAT, ...manifest }, signer)), 0o600)
    return manifest
  })
}

/**
 * Reads a recipient manifest.
 *
 * @param floor - Lowest version to accept: the highest the caller has seen before.
 * @throws {IntegrityError} `manifest_untrusted` if it is missing, altered in any byte, signed by another key, or older
 *   than the floor.
 * @throws {DependencyError} `source_unreadable`.
 */
export async function readManifest(path: string, verifier: Verifier, floor = 1): Promise<Manifest> {
  const text = await readText(path)
  if (text === undefined) throw untrusted("is missing")
  const manifest = parse(text, verifier)
  if (manifest.version < floor) {
    throw untrusted("is older than one seen before", { version: manifest.version, floor })
  }
  return manifest
}

async function readText(path: string): Promise<string | undefined> {
  return readFile(path, "utf8").catch((error: unknown) => {
    if (errnoOf(error) === "ENOENT") return undefined
    throw toReadError(error, "the recipient manifest")
  })
}

function parse(text: string, verifier: Verifier): Manifest {
  const document = parseDocument(text, FORMAT, verifier)
  if (document === undefined) throw untrusted("is not signed by the workspace's key")
  const { version, writtenAt, recipients } = document as Record<string, unknown>
  if (typeof version !== "number" || !Number.isSafeInteger(version) || version < 1 || typeof writtenAt !== "string") {
    throw untrusted("is malformed")
  }
  if (!Array.isArray(recipients) || !recipients.every(isManifestRecipient)) throw untrusted("is malformed")
  return { version, writtenAt, recipients: recipients.map(copyOf) }
}

function untrusted(problem: string, details: Record<string, number> = {}): IntegrityError {
  return new IntegrityError("manifest_untrusted", `the recipient manifest ${problem}`, { details })
}

/** Copies only the members of a recipient, so that nothing else gets signed. */
function copyOf({ id, recipient, role, local, addedAt, revokedAt }: ManifestRecipient) {
  return compact({ id, recipient, role, local, addedAt, revokedAt })
}

function assertUsable(recipients: readonly ManifestRecipient[]): void {
  for (const entry of recipients) {
    assertRecipient(entry.recipient)
    if (!isManifestRecipient(entry))
      throw new RequestError("config_invalid", "a recipient's id, role or time is malformed")
  }
  if (new Set(recipients.map((entry) => entry.id)).size !== recipients.length) {
    throw new RequestError("state_conflict", "two recipients have the same id")
  }
  try {
    activeRecipients({ recipients })
  } catch (error) {
    if (!(error instanceof IntegrityError)) throw error
    throw new RequestError("config_invalid", error.message, { details: error.details })
  }
}

function assertKept(before: readonly ManifestRecipient[], after: readonly ManifestRecipient[]): void {
  for (const old of before) {
    const now = after.find((entry) => entry.id === old.id)
    const sameKey = now?.recipient === old.recipient && now.role === old.role && now.addedAt === old.addedAt
    if (now === undefined || !sameKey || (old.revokedAt !== undefined && now.revokedAt !== old.revokedAt)) {
      throw new RequestError(
        "state_conflict",
        "a recipient can be added or revoked, but not removed, changed or reinstated",
        {
          details: { recipientId: old.id },
        },
      )
    }
  }
}
