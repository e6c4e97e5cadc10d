import { createHash } from "node:crypto"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { type Clock, compact, type JsonValue, systemClock } from "@nightlight/core"
import { CustodianConfig, custodianLayout, initCustodian } from "@nightlight/custodian"
import { writeFileAtomic } from "@nightlight/durable"
import {
  createDigestKey,
  createSigningKey,
  type EvidenceStore,
  generateIdentity,
  openEvidenceStore,
  openKeyedDigest,
  openSigner,
  openVerifier,
  protectIdentity,
  publicKeyPath,
  recipientOf,
  sealedPath,
  writeManifest,
} from "@nightlight/vault"
import { onTestFinished } from "vitest"
import { stringify } from "yaml"
import { readWrittenConfig } from "../../../custodian/src/config.ts"
import { beginJournal } from "../../../custodian/src/journal/begin.ts"

export const PASSPHRASE = "a passphrase of a test"

/** Low, because tests derive keys often. */
const WORK_FACTOR = 10

/** Makes a folder (0700) that is removed after the test. */
export async function tempDir(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), "custodian-"))
  onTestFinished(() => rm(dir, { recursive: true, force: true }))
  return dir
}

/** In hex. */
export function sha256(bytes: Uint8Array | string): string {
  return createHash("sha256").update(bytes).digest("hex")
}

/** A custodian's folder, and evidence sealed to its key. */
export interface Site {
  readonly root: string
  /** The custodian's folder. */
  readonly dir: string
  readonly evidence: string
  /** Seals an item. Returns the ids and digests that a grant names. */
  readonly seal: (item: SealInput) => Promise<SealedItem>
  /** Seals an item to the same keys in a separate folder. Returns also the path of its file. */
  readonly sealApart: (item: SealInput) => Promise<SealedItem & { readonly file: string }>
  /** Changes the configuration of a custodian that is not running. */
  readonly configure: (change: Readonly<Record<string, unknown>>) => Promise<void>
}

/** An item to seal. */
export interface SealInput {
  readonly evidenceId: string
  /** Absent: only the location is kept. */
  readonly content?: Uint8Array
  readonly context?: Readonly<Record<string, JsonValue>>
}

/** An item as the evidence folder holds it. */
export interface SealedItem {
  readonly evidenceId: string
  readonly ciphertextSha256: string
}

/** Makes a site in a new folder. Its configuration, with the changes, is accepted at the time of `clock`. */
export async function makeSite(
  change: Readonly<Record<string, unknown>> = {},
  clock: Clock = systemClock,
): Promise<Site> {
  const root = await tempDir()
  const pathOf = (name: string) => join(root, name)
  const identity = await generateIdentity()
  const identityText = await protectIdentity(identity, PASSPHRASE, { workFactor: WORK_FACTOR })
  await writeFileAtomic(pathOf("custodian.age"), identityText, 0o600)
  await createSigningKey(pathOf("signing.pem"))
  await createDigestKey(pathOf("digest.key"))
  const entry = { local: true, addedAt: "2026-01-01T00:00:00Z" }
  const manifest = await writeManifest(
    pathOf("recipients.json"),
    [
      { id: "custodian", role: "custodian", recipient: await recipientOf(identity), ...entry },
      { id: "recovery", role: "recovery", recipient: await recipientOf(await generateIdentity()), ...entry },
    ],
    {
      signer: await openSigner(pathOf("signing.pem")),
      verifier: await openVerifier(publicKeyPath(pathOf("signing.pem"))),
      clock: systemClock,
    },
  )
  const keyedDigest = await openKeyedDigest(pathOf("digest.key"))
  const openStore = (name: string) => openEvidenceStore(pathOf(name), { manifest, keyedDigest, clock: systemClock })
  const store = await openStore("evidence")
  const layout = custodianLayout(pathOf("custodian"))
  const { config } = await initCustodian(pathOf("custodian"), {
    passphrase: PASSPHRASE,
    evidence: pathOf("evidence"),
    identityFile: pathOf("custodian.age"),
    recipients: { manifest: pathOf("recipients.json"), key: publicKeyPath(pathOf("signing.pem")) },
  })
  const configure: Site["configure"] = async (more) => {
    const { readConfig } = await import("@nightlight/custodian")
    const next = CustodianConfig.parse({ ...(await readConfig(config)), ...more })
    await writeFileAtomic(config, stringify(next), 0o600)
  }
  await configure(change)
  await rm(layout.journal, { recursive: true })
  const { written } = await readWrittenConfig(config)
  await beginJournal(layout, {
    identity,
    writtenConfig: written,
    recipients: manifest.recipients.map(({ recipient }) => recipient),
    clock,
  })
  let apartCount = 0
  return {
    root,
    dir: custodianLayout(pathOf("custodian")).root,
    evidence: pathOf("evidence"),
    configure,
    seal: (item) => sealInto(store, item),
    async sealApart(item) {
      const apart = `apart-${apartCount++}`
      const sealed = await sealInto(await openStore(apart), item)
      return { ...sealed, file: sealedPath(pathOf(apart), item.evidenceId) }
    },
  }
}

async function sealInto(
  store: EvidenceStore,
  { evidenceId, content, context = { finding: `finding-${evidenceId}` } }: SealInput,
): Promise<SealedItem> {
  const { ciphertextSha256 } = await store.put(
    compact({
      evidenceId,
      provenance: context,
      contentSha256: sha256(content ?? "elsewhere"),
      content,
    }),
  )
  return { evidenceId, ciphertextSha256 }
}
