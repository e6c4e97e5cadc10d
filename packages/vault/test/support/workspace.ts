import { randomBytes } from "node:crypto"
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { Clock, Signer, Verifier } from "@nightlight/core"
import { onTestFinished } from "vitest"
import {
  createSigningKey,
  generateIdentity,
  type KeyedDigest,
  type Manifest,
  type ManifestRecipient,
  openSigner,
  openVerifier,
  publicKeyPath,
  recipientOf,
  toKeyedDigest,
} from "../../src/index.ts"

/** Noon of a day in 2026. */
export const fixedClock: Clock = { now: () => new Date("2026-06-01T12:00:00.000Z") }

/** A new folder (0700) that goes with the test. */
export async function tempDir(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), "vault-test-"))
  onTestFinished(() => rm(dir, { recursive: true, force: true }))
  return dir
}

export async function makeSigningKey(): Promise<{ signer: Signer; verifier: Verifier; keyPath: string }> {
  const keyPath = join(await tempDir(), "signing.pem")
  await createSigningKey(keyPath)
  return { signer: await openSigner(keyPath), verifier: await openVerifier(publicKeyPath(keyPath)), keyPath }
}

export function makeKeyedDigest(): KeyedDigest {
  return toKeyedDigest(randomBytes(32))
}

export interface Keyring {
  readonly manifest: Manifest
  readonly custodian: string
  readonly recovery: string
}

/** Two identities and the manifest that names them. */
export async function makeKeyring(): Promise<Keyring> {
  const custodian = await generateIdentity()
  const recovery = await generateIdentity()
  const recipients = [
    entry("custodian-1", await recipientOf(custodian)),
    entry("recovery-1", await recipientOf(recovery), { role: "recovery" }),
  ]
  return { manifest: { version: 1, writtenAt: fixedClock.now().toISOString(), recipients }, custodian, recovery }
}

export function entry(id: string, recipient: string, rest: Partial<ManifestRecipient> = {}): ManifestRecipient {
  return { id, recipient, role: "custodian", local: false, addedAt: "2026-01-01T00:00:00.000Z", ...rest }
}

export { sha256 } from "./workspace-content.ts"

/** The bytes in pieces of the given sizes, the last piece holding what is left. */
export async function* inChunks(bytes: Uint8Array, sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  let offset = 0
  for (const size of sizes) {
    if (offset >= bytes.length) return
    yield bytes.subarray(offset, offset + size)
    offset += size
  }
  if (offset < bytes.length) yield bytes.subarray(offset)
}

export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}

/** Every file below a folder with its bytes. */
export async function filesBelow(dir: string): Promise<ReadonlyMap<string, Buffer>> {
  const found = new Map<string, Buffer>()
  for (const item of await readdir(dir, { recursive: true, withFileTypes: true })) {
    const path = join(item.parentPath, item.name)
    if (item.isFile()) found.set(path, await readFile(path))
  }
  return found
}
