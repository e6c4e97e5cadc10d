import { createHash } from "node:crypto"
import { appendFile, cp, readdir, readFile, rename, rm, symlink, truncate, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { canonicalJson, MINUTE_MS } from "@nightlight/core"
import { type DocumentBody, fingerprintOf, signDocument } from "@nightlight/durable"
import { resolveTrustedKey } from "@nightlight/vault"
import { describe, expect, it } from "vitest"
import { backupKeyPath } from "../../src/backup/key.ts"
import { forgeBackup, ownKey, rewriteDocument, strangersKey, useInstallation } from "../support/backups.ts"

const installation = useInstallation()

/** A genuine backup, made once; each test changes a copy. */
const genuine = (async () => {
  let made: Promise<{ readonly dataDir: string; readonly folder: string }> | undefined
  return () => {
    made ??= (async () => {
      const dataDir = await installation.dataDir()
      const folder = await installation.folder()
      await installation.backUp(dataDir, folder)
      return { dataDir, folder }
    })()
    return made
  }
})()

async function copy(): Promise<{ readonly dataDir: string; readonly folder: string }> {
  const { dataDir, folder } = await (await genuine)()
  const copied = await installation.folder()
  await cp(folder, copied, { recursive: true })
  return { dataDir, folder: copied }
}

async function refusesUnchanged(folder: string, dataDir: string, code = "backup_untrusted", more = {}): Promise<void> {
  const before = await readdir(dataDir)
  await expect(installation.restore(folder, dataDir, more)).rejects.toMatchObject({ code })
  expect(await readdir(dataDir)).toEqual(before)
}

const withoutSignature = ({ signature, ...document }: Record<string, unknown>): Record<string, unknown> => {
  expect(signature).toBeDefined()
  return document
}

const flip = async (path: string) => {
  const bytes = await readFile(path)
  const offset = bytes.length >> 1
  bytes[offset] = (bytes[offset] ?? 0) ^ 1
  await writeFile(path, bytes)
}

describe("a backup that differs from what the trusted key signed is refused before anything is written", () => {
  it.each<[string, (folder: string) => Promise<unknown>]>([
    ["a changed byte of the sealed data", (folder) => flip(join(folder, "data.age"))],
    ["a changed byte of the sealed list", (folder) => flip(join(folder, "contents.age"))],
    ["sealed data cut short", (folder) => truncate(join(folder, "data.age"), 100_000)],
    ["bytes behind the sealed data", (folder) => appendFile(join(folder, "data.age"), "more")],
    ["a file beside the three", (folder) => writeFile(join(folder, "postgresql.auto.conf"), "archive_mode = on\n")],
    [
      "a folder beside the three",
      (folder) =>
        cp(folder, join(folder, "cluster"), {
          recursive: true,
          filter: (path) => path === folder || path.endsWith("cluster"),
        }).catch(() => symlink("/tmp", join(folder, "cluster"))),
    ],
    ["no sealed list", (folder) => rm(join(folder, "contents.age"))],
    [
      "a link in the place of the sealed data",
      async (folder) => {
        await rename(join(folder, "data.age"), `${folder}-elsewhere`)
        await symlink(`${folder}-elsewhere`, join(folder, "data.age"))
      },
    ],
    [
      "changed data whose new size and digest stand in the document",
      async (folder) => {
        await appendFile(join(folder, "data.age"), "more")
        await rewriteDocument(folder, (document) => document)
      },
    ],
    [
      "the sealed data of another backup, with its digests",
      async (folder) => {
        await writeFile(join(folder, "data.age"), await readFile(join(folder, "contents.age")))
        await rewriteDocument(folder, (document) => document)
      },
    ],
    [
      "a document signed anew by another key, which it names",
      (folder) =>
        rewriteDocument(folder, (document) => {
          const { signer, publicKey } = strangersKey()
          return {
            ...signDocument({ ...withoutSignature(document), format: "nightlight-backup/2", publicKey }, signer),
          }
        }),
    ],
    [
      "a document signed anew by another key that claims the trusted one",
      (folder) =>
        rewriteDocument(folder, (document) => {
          const { signer } = strangersKey()
          return {
            ...signDocument({ ...withoutSignature(document), format: "nightlight-backup/2" } as DocumentBody, signer),
          }
        }),
    ],
    [
      "a later date in the document",
      (folder) => rewriteDocument(folder, (document) => ({ ...document, madeAt: "2030-01-01T00:00:00.000Z" })),
    ],
    ["a document without a signature", (folder) => rewriteDocument(folder, withoutSignature)],
  ])("%s", { timeout: 3 * MINUTE_MS }, async (_, change) => {
    const { dataDir, folder } = await copy()
    await change(folder)
    await refusesUnchanged(folder, dataDir)
  })

  it("a link in the place of the document", async () => {
    const { dataDir, folder } = await copy()
    await rename(join(folder, "backup.json"), `${folder}-elsewhere`)
    await symlink(`${folder}-elsewhere`, join(folder, "backup.json"))
    await refusesUnchanged(folder, dataDir)
  })

  it("a folder without its document is not a complete backup", async () => {
    const { dataDir, folder } = await copy()
    await rm(join(folder, "backup.json"))
    await refusesUnchanged(folder, dataDir, "not_found")
  })

  it("no backup is restored without a trusted key", async () => {
    const { folder } = await copy()
    const other = await installation.dataDir()
    await expect(installation.restore(folder, other)).rejects.toMatchObject({ code: "key_unusable" })
  })

  it("another key's fingerprint and a malformed fingerprint are refused", async () => {
    const { dataDir, folder } = await copy()
    const trustOf = (given: string) => resolveTrustedKey(backupKeyPath(dataDir), given)
    const fingerprint = fingerprintOf(strangersKey().publicKey)
    await refusesUnchanged(folder, dataDir, "backup_untrusted", { trust: await trustOf(fingerprint) })
    await expect(trustOf(fingerprint.slice(1))).rejects.toMatchObject({ code: "key_unusable" })
  })
})

describe("a backup signed by the trusted key is refused if it contains anything else", () => {
  const needed = ["cluster/PG_VERSION", "cluster/global/pg_control", "cluster/backup_label", "evidence.ndjson"].map(
    (path) => ({ path, text: "" }),
  )
  it.each([
    "postgresql.auto.conf",
    "postgresql.conf",
    "pg_hba.conf",
    "pg_ident.conf",
    "conf.d/more.conf",
    "recovery.signal",
    "standby.signal",
    "tablespace_map",
    "pg_wal/archive_status/000000010000000000000001.ready",
    "pg_tblspc/16400",
    "pg_tblspc/16400/PG_18_202506291/5/1259",
    "pg_replslot/evil/state",
    "pg_twophase/00000001",
    "base/1/../../../escaped",
    "../escaped",
    "base/1/evil.so",
    "pg_dynshmem/x",
    "postmaster.pid",
    "base/5/1259\n",
    "base/01/1",
    "base//1",
    "global/pg_internal.init",
    "pg_stat/pgstat.stat",
    "pg_logical/snapshots/0-1.snap",
  ])("cluster/%s", async (name) => {
    const { dataDir } = await (await genuine)()
    const folder = await installation.folder()
    const key = await ownKey(dataDir)
    await forgeBackup(folder, key, await installation.identity(), [...needed, { path: `cluster/${name}`, text: "x" }])
    await refusesUnchanged(folder, dataDir)
  })

  it.each([
    ["an absolute path", [...needed, { path: "/etc/passwd", text: "x" }]],
    ["a key", [...needed, { path: "keys/backup.pem", text: "x" }]],
    ["the same name twice", [...needed, { path: "cluster/PG_VERSION", text: "18" }]],
    ["no control file", needed.filter(({ path }) => !path.endsWith("pg_control"))],
  ])("%s", { timeout: 3 * MINUTE_MS }, async (_, files) => {
    const { dataDir } = await (await genuine)()
    const folder = await installation.folder()
    await forgeBackup(folder, await ownKey(dataDir), await installation.identity(), files)
    await refusesUnchanged(folder, dataDir)
  })

  it("bytes that its list does not name", async () => {
    const { dataDir } = await (await genuine)()
    const folder = await installation.folder()
    const key = await ownKey(dataDir)
    await forgeBackup(folder, key, await installation.identity(), [...needed, { path: "cluster/base/1/1", text: "x" }])
    const text = await readFile(join(folder, "backup.json"), "utf8")
    // The list of one backup and the bytes of another, both genuine.
    const other = await installation.folder()
    await forgeBackup(other, key, await installation.identity(), [...needed, { path: "cluster/base/1/1", text: "y" }])
    const data = await readFile(join(other, "data.age"))
    await writeFile(join(folder, "data.age"), data)
    const document = withoutSignature(JSON.parse(text) as Record<string, unknown>)
    const digest = { sizeBytes: data.length, sha256: createHash("sha256").update(data).digest("hex") }
    const signed = signDocument(
      { ...document, format: "nightlight-backup/2", data: digest } as DocumentBody,
      key.signer,
    )
    await writeFile(join(folder, "backup.json"), `${canonicalJson({ ...signed } as never)}\n`)
    await refusesUnchanged(folder, dataDir)
  })
})
