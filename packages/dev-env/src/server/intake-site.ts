/**
 * A data folder with lists and a running custodian for the services of intake, and remote workspaces that push to it.
 */

import { createHash, randomBytes, randomUUID } from "node:crypto"
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { Finding } from "@nightlight/contract"
import { PUSHED_FINDING_FORMAT } from "@nightlight/contract/server"
import type { Clock, Fingerprint, HashRecord, ListItem, Trust } from "@nightlight/core"
import { compact } from "@nightlight/core"
import { initCustodian, type StartedCustodian, startCustodian } from "@nightlight/custodian"
import { pictureJpeg } from "@nightlight/demo/generated"
import { signDocument } from "@nightlight/durable"
import {
  buildIndex,
  ensureTestCardList,
  type Fingerprinter,
  importList,
  loadDefaultPolicy,
  openFingerprinter,
  removeList,
} from "@nightlight/screening"
import {
  createDigestKey,
  createSigningKey,
  type EvidenceRow,
  generateIdentity,
  type Manifest,
  openEvidenceStore,
  openKeyedDigest,
  openSigner,
  openVerifier,
  publicKeyPath,
  recipientOf,
  sealedPath,
  toKeyedDigest,
  writeManifest,
} from "@nightlight/vault"
import { MATCH } from "../guard/events.ts"
import { movingClock } from "./clock.ts"

const PASSPHRASE = "a test's passphrase"

/** SHA-256, hexadecimal. */
export const sha256 = (bytes: Uint8Array | string): string => createHash("sha256").update(bytes).digest("hex")

/** A generated picture; the same seed gives the same bytes. */
export const picture = (seed: number): Promise<Uint8Array> => pictureJpeg(seed, 384)

/** Options for importing a list. Default: the trusted list `known`. */
export interface ListChoices {
  readonly name?: string
  readonly trust?: Trust
  readonly attributes?: { readonly asOf?: string; readonly terms?: string }
}

/** A data folder with its custodian and decoder. */
export interface IntakeSite extends AsyncDisposable {
  readonly dir: string
  readonly evidenceDir: string
  readonly indexDir: string
  readonly manifestPath: string
  readonly manifest: Manifest
  readonly clock: ReturnType<typeof movingClock>
  readonly custodian: StartedCustodian
  readonly decoder: Fingerprinter
  readonly fingerprint: (bytes: Uint8Array) => Promise<Fingerprint>
  readonly verifier: Awaited<ReturnType<typeof openVerifier>>
  readonly digests: Awaited<ReturnType<typeof openKeyedDigest>>
  /** Imports a list and makes the next index. Returns its version. */
  readonly importListOf: (records: readonly HashRecord[], options?: ListChoices) => Promise<number>
  /** Removes a list and makes the next index. Returns its version. */
  readonly dropList: (name: string) => Promise<number>
  /** Makes a next index without a valid signature. */
  readonly damageIndex: () => Promise<void>
  /** List entries, SHA-256 and PDQ, of pictures. */
  readonly recordsOf: (...pictures: readonly Uint8Array[]) => Promise<readonly HashRecord[]>
  /** The installation's context key. */
  readonly contextKey: Buffer
  readonly unlockAgain: () => Promise<void>
}

/** Makes a data folder and starts its custodian, unlocked unless `locked` is set. */
export async function makeIntakeSite({ locked = false }: { readonly locked?: boolean } = {}): Promise<IntakeSite> {
  const dir = await mkdtemp(join(tmpdir(), "nl-intake-"))
  const pathOf = (...parts: string[]) => join(dir, ...parts)
  const clock = movingClock()
  const custodianDir = pathOf("custodian")
  const { recipient } = await initCustodian(custodianDir, {
    passphrase: PASSPHRASE,
    evidence: pathOf("evidence"),
    workFactor: 10,
  })
  await createSigningKey(pathOf("signing.pem"))
  await createDigestKey(pathOf("digest.key"))
  const signer = await openSigner(pathOf("signing.pem"))
  const verifier = await openVerifier(publicKeyPath(pathOf("signing.pem")))
  const addedAt = clock.now().toISOString()
  const manifest = await writeManifest(
    pathOf("recipients.json"),
    [
      { id: "custodian", recipient, role: "custodian", local: false, addedAt },
      {
        id: "recovery",
        recipient: await recipientOf(await generateIdentity()),
        role: "recovery",
        local: false,
        addedAt,
      },
    ],
    { signer, verifier, clock },
  )
  const keeper = { signer, verifier, clock }
  const places = { listsDir: pathOf("lists"), indexDir: pathOf("index") }
  await ensureTestCardList(places.listsDir, keeper)
  const decoder = await openFingerprinter({ readRoots: [], processes: 1, profile: "fullres", kernel: "fast" })
  const fingerprint = (bytes: Uint8Array) => decoder.fingerprint({ kind: "bytes", bytes })
  const custodian = await startCustodian(custodianDir, locked ? {} : { passphrase: PASSPHRASE })
  return {
    dir,
    evidenceDir: pathOf("evidence"),
    indexDir: places.indexDir,
    manifestPath: pathOf("recipients.json"),
    manifest,
    clock,
    custodian,
    decoder,
    fingerprint,
    verifier,
    digests: await openKeyedDigest(pathOf("digest.key")),
    importListOf: async (records, { name = "known", trust = "trusted", attributes = {} } = {}) => {
      const items = toItems(records)
      await importList({ listsDir: places.listsDir, name, items, trust, acceptShrink: true, ...attributes }, keeper)
      return (await buildIndex({ ...places, keepVersions: 10 }, keeper)).version
    },
    dropList: async (name) => (await removeList({ ...places, name, keepVersions: 10 }, keeper)).version,
    damageIndex: async () => {
      const { version } = await buildIndex({ ...places, keepVersions: 10 }, keeper)
      const next = join(places.indexDir, `v${String(version + 1).padStart(6, "0")}`)
      await mkdir(next)
      await writeFile(join(next, "index.json"), "{}")
    },
    recordsOf: async (...pictures) => {
      const records: HashRecord[] = []
      for (const bytes of pictures) {
        const { picture: seen } = await fingerprint(bytes)
        records.push(
          { hashType: "sha256", hash: sha256(bytes), category: "generated-shapes" },
          { hashType: "pdq", hash: seen?.views[0]?.pdq ?? "", category: "generated-shapes" },
        )
      }
      return records
    },
    contextKey: randomBytes(32),
    unlockAgain: async () => {
      const { createCustodianClient } = await import("@nightlight/custodian")
      await createCustodianClient(custodian.socket).unlock(PASSPHRASE)
    },
    [Symbol.asyncDispose]: async () => {
      await custodian.stop()
      await decoder[Symbol.asyncDispose]()
      await rm(dir, { recursive: true, force: true })
    },
  }
}

async function* toItems(records: readonly HashRecord[]): AsyncGenerator<ListItem> {
  for (const [index, record] of records.entries()) yield { ok: true, line: index + 1, record }
}

/** A finding of a remote workspace, with its sealed file. */
export interface Sealed {
  readonly finding: Finding
  readonly row: EvidenceRow
  readonly ciphertext: Buffer
}

/** Facts that differ between findings. */
export interface FindingOverrides {
  readonly content?: Uint8Array
  /** Seals only the context. */
  readonly located?: boolean
  readonly provenance?: Readonly<Record<string, unknown>>
  readonly scan?: string
  readonly ordinal?: number
  readonly finding?: Partial<Finding>
}

/** Makes a remote workspace with its own keys, which seals evidence to the given manifest's recipients. */
export async function makePusher(
  manifest: Manifest,
  clock: Clock,
  fingerprint: (bytes: Uint8Array) => Promise<Fingerprint>,
) {
  const dir = await mkdtemp(join(tmpdir(), "nl-pusher-"))
  await createSigningKey(join(dir, "signing.pem"))
  const signer = await openSigner(join(dir, "signing.pem"))
  const publicKey = await readFile(publicKeyPath(join(dir, "signing.pem")), "utf8")
  const keyedDigest = toKeyedDigest(randomBytes(32))
  const evidenceDir = join(dir, "evidence")
  const store = await openEvidenceStore(evidenceDir, { manifest, keyedDigest, clock })
  let count = 0
  const idOf = (purpose: string) => keyedDigest.of(purpose, randomUUID())

  async function seal(choices: FindingOverrides = {}): Promise<Sealed> {
    const content = choices.content ?? randomBytes(64)
    const id = idOf("finding")
    const seen = await fingerprint(content)
    const { md5, sha1, picture: pixels } = seen
    const row = await store.put(
      compact({
        evidenceId: keyedDigest.of("evidence", id),
        provenance: {
          finding: id,
          dataset: "/data/pictures",
          sourceUrl: "https://pictures.example/1.jpg",
          digests: { md5, sha1, sha256: seen.sha256 },
          pdq: pixels?.views.map(({ frame, background, crop, pdq, quality }) => ({
            frame,
            background,
            crop,
            pdq,
            quality,
          })),
          ...choices.provenance,
        } as never,
        contentSha256: seen.sha256,
        content: choices.located === true ? undefined : content,
      }),
    )
    const finding = makeFinding({
      id,
      scan: choices.scan ?? "s-000001",
      ordinal: choices.ordinal ?? count++,
      sizeBytes: content.length,
      mediaType: seen.mediaType,
      kind: seen.kind,
      itemDigest: keyedDigest.of("item", seen.sha256),
      evidence: {
        id: row.evidenceId,
        ciphertextSha256: row.ciphertextSha256,
        sizeBytes: row.sizeBytes,
        content: row.custody === "sealed",
      },
      ...choices.finding,
    })
    return { finding, row, ciphertext: await readFile(sealedPath(evidenceDir, row.evidenceId)) }
  }

  return {
    dir,
    publicKey,
    signer,
    store,
    keyedDigest,
    idOf,
    seal,
    line: (source: string, finding: Finding) => `${JSON.stringify(sign(source, finding))}\n`,
    sign,
    [Symbol.asyncDispose]: () => rm(dir, { recursive: true, force: true }),
  }

  function sign(source: string, finding: Finding) {
    return signDocument({ format: PUSHED_FINDING_FORMAT, source, finding: finding as never }, signer)
  }
}

/** A remote workspace. */
export type Pusher = Awaited<ReturnType<typeof makePusher>>

/** A finding as scans write it, by default without evidence. */
export function makeFinding(changes: Partial<Finding> = {}): Finding {
  return {
    id: sha256(randomUUID()),
    scan: "s-000001",
    shard: "000001-0123abcd",
    ordinal: 0,
    sample: 0,
    depth: 0,
    decision: "quarantine",
    rule: "trusted-exact",
    policyDigest: "0".repeat(64),
    sizeBytes: 64,
    mediaType: "image/jpeg",
    kind: "picture",
    matches: [MATCH],
    weakMatches: [],
    foundAt: "2026-05-31T10:00:00.000Z",
    ...changes,
  }
}

/** The default policy. */
export const policy = await loadDefaultPolicy()
