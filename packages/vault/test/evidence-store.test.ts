import { appendFile, chmod, mkdir, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { DependencyError } from "@nightlight/core"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { type EvidenceStore, openEvidence, openEvidenceStore, verifyEvidence } from "../src/index.ts"
import {
  collect,
  entry,
  filesBelow,
  fixedClock,
  inChunks,
  type Keyring,
  makeKeyedDigest,
  makeKeyring,
  sha256,
  tempDir,
} from "./support/workspace.ts"

async function makeStore(options: { keyring?: Keyring; dir?: string } = {}) {
  const keyring = options.keyring ?? (await makeKeyring())
  const dir = options.dir ?? (await tempDir())
  const keyedDigest = makeKeyedDigest()
  const open = (): Promise<EvidenceStore> =>
    openEvidenceStore(dir, { manifest: keyring.manifest, keyedDigest, clock: fixedClock })
  const verify = (...identities: string[]) => collect(verifyEvidence(dir, identities, { keyedDigest }))
  return { dir, keyring, keyedDigest, open, verify, store: await open() }
}

function item(evidenceId: string, text = "shapes") {
  const content = new TextEncoder().encode(text)
  return { evidenceId, provenance: { dataset: "demo" }, content, contentSha256: sha256(content) }
}

describe("an evidence store", () => {
  it("gives back any content in any chunking, to either key alone", async () => {
    const { dir, keyring, store } = await makeStore()
    let n = 0
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 200_000, size: "max" }),
        fc.array(fc.nat(70_000), { maxLength: 8 }),
        fc.jsonValue(),
        async (content, sizes, provenance) => {
          const evidenceId = `item-${n++}`
          const contentSha256 = sha256(content)
          const row = await store.put({
            evidenceId,
            provenance: provenance as never,
            content: inChunks(content, sizes),
            contentSha256,
          })
          expect(row).toMatchObject({ evidenceId, custody: "sealed", sizeBytes: content.length })
          for (const identity of [keyring.custodian, keyring.recovery]) {
            const opened = await openEvidence(dir, evidenceId, [identity])
            expect(Buffer.concat(await collect(opened.content)).equals(content)).toBe(true)
            expect(opened.header.provenance).toEqual(JSON.parse(JSON.stringify(provenance)))
            expect(opened.header.contentSha256).toBe(contentSha256)
          }
        },
      ),
      { numRuns: 25 },
    )
  })

  it("seals the context alone where custody is locate, and the content once it is given", async () => {
    const { dir, keyring, store, verify } = await makeStore()
    const { content, ...context } = item("item-1")
    expect(await store.put(context)).toMatchObject({ custody: "located", sizeBytes: 0 })
    expect(await verify(keyring.custodian)).toEqual([{ evidenceId: "item-1", ok: true }])
    expect(await collect((await openEvidence(dir, "item-1", [keyring.custodian])).content)).toEqual([])

    expect(await store.put({ ...context, content })).toMatchObject({ custody: "sealed", sizeBytes: content.length })
    expect(await store.put(context)).toMatchObject({ custody: "sealed" })
    expect(await verify(keyring.recovery)).toEqual([{ evidenceId: "item-1", ok: true }])
  })

  it("keeps what is there when the same item is put again, also by two callers at once", async () => {
    const { dir, store, open } = await makeStore()
    const rows = await Promise.all([store.put(item("item-1")), (await open()).put(item("item-1"))])
    const before = await readFile(join(dir, "it", "item-1.age"))
    const again = await (await open()).put(item("item-1"))
    expect([...rows, again].map((row) => row.ciphertextSha256)).toEqual(Array(3).fill(sha256(before)))
    expect(await store.find("item-1")).toEqual(again)
    expect(await readFile(join(dir, "it", "item-1.age"))).toEqual(before)
  })

  it("refuses other content under an id that is taken", async () => {
    const { store } = await makeStore()
    await store.put(item("item-1"))
    await expect(store.put(item("item-1", "other"))).rejects.toMatchObject({ code: "evidence_digest_mismatch" })
  })

  it.each(["bytes", "stream"])("refuses content that does not have its digest, given as %s", async (form) => {
    const { dir, store } = await makeStore()
    const { content, ...rest } = item("item-1")
    const wrong = { ...rest, contentSha256: sha256("other") }
    const given = form === "bytes" ? content : inChunks(content, [3])
    await expect(store.put({ ...wrong, content: given })).rejects.toMatchObject({ code: "evidence_digest_mismatch" })
    expect([...(await filesBelow(dir)).keys()].filter((path) => !path.includes(".lock"))).toEqual([])
  })

  it("says only that reading failed when the content's reader throws, and leaves nothing", async () => {
    const { dir, store } = await makeStore()
    const { content: _, ...rest } = item("item-1")
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield new Uint8Array(100_000)
      throw new Error("canary-name.jpg: no such file")
    }
    const failure: unknown = await store.put({ ...rest, content: broken() }).catch((error: unknown) => error)
    expect(failure).toMatchObject({ code: "source_unreadable" })
    expect(String((failure as Error).message) + String((failure as Error).cause)).not.toContain("canary")
    expect([...(await filesBelow(dir)).keys()].filter((path) => !path.includes(".lock"))).toEqual([])
  })

  it("lets go of the content's reader when sealing fails", async () => {
    const { store } = await makeStore()
    const { content: _, ...rest } = item("item-1")
    let closed = false
    async function* endless(): AsyncGenerator<Uint8Array> {
      try {
        for (;;) yield new Uint8Array(100_000)
      } finally {
        closed = true
      }
    }
    const limit = { ...rest, content: upTo(endless(), 5_000_000) }
    await expect(store.put(limit)).rejects.toMatchObject({ code: "disk_full" })
    expect(closed).toBe(true)
  })

  it.each([
    ["a path", "../item"],
    ["a short one", "abc"],
    ["a hidden one", ".abcdef"],
    ["a name with a dot", "item.json"],
    ["nothing", ""],
  ])("refuses %s as an evidence id", async (_, evidenceId) => {
    const { store } = await makeStore()
    await expect(store.put(item(evidenceId))).rejects.toMatchObject({ code: "input_invalid" })
  })

  it("refuses provenance that is too long, cannot be written as JSON or is no digest", async () => {
    const { store } = await makeStore()
    const long = { ...item("item-1"), provenance: "x".repeat(5_000_000) }
    await expect(store.put(long)).rejects.toMatchObject({ code: "input_invalid" })
    const infinite = { ...item("item-1"), provenance: Number.POSITIVE_INFINITY }
    await expect(store.put(infinite)).rejects.toMatchObject({ code: "input_invalid" })
    const upper = { ...item("item-1"), contentSha256: sha256("x").toUpperCase() }
    await expect(store.put(upper)).rejects.toMatchObject({ code: "input_invalid" })
  })

  it("holds no plaintext anywhere: neither content, provenance nor the true digest", async () => {
    const { dir, store } = await makeStore()
    const canary = "canary-5f1c"
    const content = new TextEncoder().encode(`${canary} content`.repeat(10_000))
    const contentSha256 = sha256(content)
    await store.put({
      evidenceId: "item-1",
      provenance: { url: `https://example.test/${canary}` },
      content,
      contentSha256,
    })
    await store.put({ evidenceId: "item-2", provenance: canary, contentSha256 })
    const files = await filesBelow(dir)
    expect(files.size).toBeGreaterThanOrEqual(4)
    for (const [path, bytes] of files) {
      expect(path).not.toContain(canary)
      for (const secret of [
        canary,
        contentSha256,
        Buffer.from(contentSha256, "hex"),
        Buffer.from(canary).toString("base64"),
      ]) {
        expect(bytes.includes(secret)).toBe(false)
      }
    }
  })

  it("lets its owner alone read, whatever the umask", async () => {
    const dir = join(await tempDir(), "a", "b")
    const { store } = await makeStore({ dir })
    await store.put(item("item-1"))
    for (const path of [dir, join(dir, ".."), join(dir, ".lock"), join(dir, "it")])
      expect((await stat(path)).mode & 0o777).toBe(0o700)
    for (const path of (await filesBelow(dir)).keys()) expect((await stat(path)).mode & 0o777).toBe(0o600)
  })

  it("spreads its files over subfolders by the first characters of their ids, and lists them in order", async () => {
    const { dir, store } = await makeStore()
    for (const id of ["b1-item", "a2-item", "a1-item", "a1-more"]) await store.put(item(id))
    const names = (await readdir(dir, { recursive: true })).filter((name) => name.endsWith(".age"))
    expect(names.sort()).toEqual(["a1/a1-item.age", "a1/a1-more.age", "a2/a2-item.age", "b1/b1-item.age"])
    const listed = (await Array.fromAsync(store.list())).map((listing) => listing.ok && listing.row.evidenceId)
    expect(listed).toEqual(["a1-item", "a1-more", "a2-item", "b1-item"])
    expect(await store.remove("c1-item")).toBe(false)
    expect(await store.remove("a1-item")).toBe(true)
  })

  it("lets the group of a folder that is arranged for one read sealed files, and nothing else in it", async () => {
    const shared = await tempDir()
    await chmod(shared, 0o2750)
    const { store } = await makeStore({ dir: shared })
    await store.put(item("item-1"))
    const modes = new Map<string, number>()
    for (const name of [...(await readdir(shared)), ...(await readdir(join(shared, "it"))).map((one) => `it/${one}`)])
      modes.set(name.replace(/^.*\./, ""), (await stat(join(shared, name))).mode & 0o777)
    expect(Object.fromEntries(modes)).toEqual({ it: 0o750, age: 0o640, json: 0o600, lock: 0o700 })
    await chmod(shared, 0o2770)
    await expect(makeStore({ dir: shared })).rejects.toMatchObject({ code: "config_invalid" })
  })

  it("refuses a used folder that others may enter, and narrows an empty one", async () => {
    const empty = join(await tempDir(), "empty")
    await mkdir(empty)
    await chmod(empty, 0o755)
    await makeStore({ dir: empty })
    expect((await stat(empty)).mode & 0o777).toBe(0o700)

    const used = await tempDir()
    await writeFile(join(used, "note"), "")
    await chmod(used, 0o750)
    await expect(makeStore({ dir: used })).rejects.toMatchObject({ code: "config_invalid" })
  })

  it("does not open without a custodian's and a recovery key", async () => {
    const keyring = await makeKeyring()
    const [custodian] = keyring.manifest.recipients
    const manifest = { ...keyring.manifest, recipients: [custodian!] }
    await expect(makeStore({ keyring: { ...keyring, manifest } })).rejects.toMatchObject({ code: "key_unusable" })
  })

  it("no longer seals to a revoked recipient, who still opens what came before", async () => {
    const before = await makeStore()
    await before.store.put(item("item-1"))
    const next = await makeKeyring()
    const recipients = [
      { ...before.keyring.manifest.recipients[0]!, revokedAt: "2026-02-01T00:00:00.000Z" },
      before.keyring.manifest.recipients[1]!,
      entry("custodian-2", next.manifest.recipients[0]!.recipient),
    ]
    const manifest = { ...before.keyring.manifest, version: 2, recipients }
    const deps = { manifest, keyedDigest: before.keyedDigest, clock: fixedClock }
    const store = await openEvidenceStore(before.dir, deps)
    expect(await store.put(item("item-2"))).toMatchObject({
      recipients: ["recovery-1", "custodian-2"],
      manifestVersion: 2,
    })

    const failed = { ok: false, code: "not_openable" }
    expect(await before.verify(before.keyring.custodian)).toEqual([
      { evidenceId: "item-1", ok: true },
      { evidenceId: "item-2", ...failed },
    ])
    expect(await before.verify(next.custodian)).toMatchObject([failed, { ok: true }])
    expect(await before.verify(before.keyring.recovery)).toMatchObject([{ ok: true }, { ok: true }])
  })

  it("lists its rows by id and names the one that was altered", async () => {
    const { dir, store } = await makeStore()
    for (const id of ["item-2", "item-1", "item-3"]) await store.put(item(id))
    await appendFile(join(dir, "it", "item-2.json"), " ")
    const listed = await collect(store.list())
    expect(listed.map((entry) => (entry.ok ? entry.row.evidenceId : entry.code))).toEqual([
      "item-1",
      "row_untrusted",
      "item-3",
    ])
  })

  it.each(["by opening", "by asking for it", "by putting it again"])(
    "finishes a put that was killed at the end, %s",
    async (how) => {
      const { dir, store, open, verify, keyring } = await makeStore()
      const row = await store.put(item("item-1"))
      await rename(join(dir, "it", "item-1.json"), join(dir, "it", "item-1.json.pending"))
      expect(await verify(keyring.custodian)).toEqual([{ evidenceId: "item-1", ok: true }])
      if (how === "by opening") await open()
      if (how === "by asking for it") expect(await store.find("item-1")).toEqual(row)
      if (how === "by putting it again") expect(await store.put(item("item-1"))).toEqual(row)
      expect(await verify(keyring.custodian)).toEqual([{ evidenceId: "item-1", ok: true }])
      expect([...(await filesBelow(dir)).keys()].some((path) => path.endsWith(".pending"))).toBe(false)
    },
  )

  it.each(["whole", "half-written"])("drops a %s row whose sealed file never got its name", async (state) => {
    const { dir, store, open } = await makeStore()
    await store.put(item("item-1"))
    const text = await readFile(join(dir, "it", "item-1.json"))
    await rm(join(dir, "it", "item-1.json"))
    await rm(join(dir, "it", "item-1.age"))
    await writeFile(join(dir, "it", "item-1.json.pending"), state === "whole" ? text : text.subarray(0, 50), {
      mode: 0o600,
    })
    expect(await (await open()).find("item-1")).toBeUndefined()
    expect([...(await filesBelow(dir)).keys()].filter((path) => !path.includes(".lock"))).toEqual([])
  })

  it("stops rather than replace evidence that was altered", async () => {
    const { dir, store } = await makeStore()
    await store.put(item("item-1"))
    await appendFile(join(dir, "it", "item-1.age"), "x")
    await expect(store.put(item("item-1"))).rejects.toMatchObject({ code: "evidence_digest_mismatch" })
    await expect(store.find("item-1")).rejects.toMatchObject({ code: "evidence_digest_mismatch" })
    await rm(join(dir, "it", "item-1.age"))
    await expect(store.put(item("item-1"))).rejects.toMatchObject({ code: "evidence_digest_mismatch" })
    expect(await store.find("item-9")).toBeUndefined()
  })
})

/** Passes bytes on until there are too many; then fails as a full disk would. */
async function* upTo(chunks: AsyncIterable<Uint8Array>, maxBytes: number): AsyncGenerator<Uint8Array> {
  let seen = 0
  for await (const chunk of chunks) {
    seen += chunk.length
    if (seen > maxBytes) throw new DependencyError("disk_full", "full")
    yield chunk
  }
}
