/** Installations with a database, their backups, and an attacker's changes to them. */
import { createHash, generateKeyPairSync, sign } from "node:crypto"
import { cp, mkdir, mkdtemp, readFile, realpath, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { canonicalJson, compact, type JsonValue, type Signer, systemClock } from "@nightlight/core"
import { queryAs } from "@nightlight/dev-env/database/query-as"
import { signDocument } from "@nightlight/durable"
import { migrate as applyMigrations, MIGRATIONS_DIR, readMigrations } from "@nightlight/server/migrations"
import { ensureSigningKey, generateIdentity, recipientOf, resolveTrustedKey } from "@nightlight/vault"
import { unseal } from "@nightlight/vault/open"
import { seal } from "@nightlight/vault/seal"
import { afterAll } from "vitest"
import { backupKeyPath } from "../../src/backup/key.ts"
import { type BackupOptions, makeBackup } from "../../src/backup/make-backup.ts"
import type { Schema } from "../../src/backup/ports.ts"
import { type RestoreOptions, restoreBackup } from "../../src/backup/restore-backup.ts"
import { writeSealed } from "../../src/backup/write-archive.ts"
import { launch } from "../../src/postgres/launch.ts"

/** Statements run as the superuser, in the installation's database or another. */
export type Change = string | { readonly database: string; readonly sql: string }

/** The server's schema, applied in this process. */
export const schema: Schema = {
  migrations: () => readMigrations(MIGRATIONS_DIR),
  migrate: async ({ owner }, count) => {
    await applyMigrations(owner, compact({ count }))
  },
}

/** The key that signs a data folder's backups; made if it is missing. */
export const ownKey = (dataDir: string) => ensureSigningKey(backupKeyPath(dataDir))

/** Trusts that key. */
export const ownTrust = (dataDir: string) => resolveTrustedKey(backupKeyPath(dataDir), undefined)

/** Gives a test file an installation, made once, and copies of its data folder. */
export function useInstallation() {
  let made: Promise<{ readonly home: string; readonly identity: string }> | undefined
  const make = async () => {
    const home = await realpath(await mkdtemp(join(tmpdir(), "nl-backup-")))
    const postgres = join(home, "model", "postgres")
    await mkdir(postgres, { recursive: true, mode: 0o700 })
    const server = await launch({ dataDir: postgres, initdbArgs: ["--no-sync"], settings: { fsync: "off" } })
    await schema.migrate(server)
    await server.stop()
    return { home, identity: await generateIdentity() }
  }
  const get = () => {
    made ??= make()
    return made
  }
  let count = 0
  afterAll(async () => {
    if (made !== undefined) await rm((await made).home, { recursive: true, force: true })
  })

  return {
    identity: async () => (await get()).identity,
    /** A new data folder with the migrated database in it. */
    dataDir: async (): Promise<string> => {
      const { home } = await get()
      const dataDir = join(home, `data-${++count}`)
      await mkdir(dataDir, { mode: 0o700 })
      await cp(join(home, "model", "postgres"), join(dataDir, "postgres"), { recursive: true })
      return dataDir
    },
    /** A path for a backup's folder. */
    folder: async (): Promise<string> => join((await get()).home, `backup-${++count}`),
    /** Changes a data folder's database as its superuser, and backs it up with the folder's own key. */
    backUp: async (
      dataDir: string,
      toDir: string,
      changes: readonly Change[] = [],
      watch: Pick<BackupOptions, "signal" | "onFile"> = {},
    ) => {
      const { identity } = await get()
      const server = await launch({ dataDir: join(dataDir, "postgres"), settings: { fsync: "off" } })
      try {
        for (const change of changes) {
          const { database, sql } = typeof change === "string" ? { database: "nightlight", sql: change } : change
          await queryAs({ ...server.superuser, database }, sql)
        }
        return await makeBackup({
          dataDir,
          toDir,
          superuser: server.superuser,
          clock: systemClock,
          key: await ownKey(dataDir),
          seal,
          program: "0.1.0",
          recipients: [await recipientOf(identity)],
          ...watch,
        })
      } finally {
        await server.stop()
      }
    },
    restore: async (fromDir: string, dataDir: string, more: Partial<RestoreOptions> = {}) => {
      const { identity } = await get()
      return restoreBackup({
        fromDir,
        dataDir,
        schema,
        clock: systemClock,
        trust: more.trust ?? (await ownTrust(dataDir)),
        unseal: (ciphertext) => unseal(ciphertext, [identity]),
        mark: async () => undefined,
        ...more,
      })
    },
  }
}

/** A signing key that is not the installation's. */
export function strangersKey(): { readonly signer: Signer; readonly publicKey: string } {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519")
  const raw = publicKey.export({ format: "jwk" }).x ?? ""
  const keyId = createHash("sha256").update(Buffer.from(raw, "base64url")).digest("hex").slice(0, 16)
  return { publicKey: raw, signer: { keyId, sign: (bytes) => new Uint8Array(sign(null, bytes, privateKey)) } }
}

/** Makes a backup of any bytes under any names, as somebody with a signing key can. */
export async function forgeBackup(
  folder: string,
  { signer, publicKey }: { readonly signer: Signer; readonly publicKey: string },
  identity: string,
  /** `sizeBytes`: a wrong size for the list. */
  files: readonly { readonly path: string; readonly text: string; readonly sizeBytes?: number }[],
  madeAt = new Date("2026-01-01T00:00:00.000Z"),
): Promise<void> {
  const recipients = [await recipientOf(identity)]
  const sha256 = (text: string) => createHash("sha256").update(text).digest("hex")
  await mkdir(folder, { mode: 0o700 })
  const id = "backup-00000000-0000-4000-8000-000000000000"
  const listed = files.map(({ path, text, sizeBytes = Buffer.byteLength(text) }) => ({
    path,
    sizeBytes,
    sha256: sha256(text),
  }))
  const contents = { id, events: 0, lastHash: "", evidence: { files: 0, bytes: 0 }, files: listed }
  const write = (name: string, text: string) => writeSealed(join(folder, name), once(text), { seal, recipients })
  const document = {
    format: "nightlight-backup/2",
    id,
    madeAt: madeAt.toISOString(),
    program: "0.1.0",
    postgresMajor: 18,
    publicKey,
    recipients,
    contents: { ...(await write("contents.age", JSON.stringify(contents))) },
    data: { ...(await write("data.age", files.map(({ text }) => text).join(""))) },
  }
  await writeFile(join(folder, "backup.json"), `${canonicalJson({ ...signDocument(document, signer) })}\n`)
}

async function* once(text: string) {
  yield Buffer.from(text)
}

/** Rewrites a backup's document; the digests of its files are brought up to date. */
export async function rewriteDocument(
  folder: string,
  change: (document: Record<string, unknown>) => Record<string, unknown>,
): Promise<void> {
  const path = join(folder, "backup.json")
  const document = JSON.parse(await readFile(path, "utf8")) as Record<string, unknown>
  for (const name of ["contents", "data"]) {
    const bytes = await readFile(join(folder, `${name}.age`))
    document[name] = { sizeBytes: bytes.length, sha256: createHash("sha256").update(bytes).digest("hex") }
  }
  await writeFile(path, `${canonicalJson(change(document) as JsonValue)}\n`)
}
