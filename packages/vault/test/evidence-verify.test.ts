import { appendFile, copyFile, readdir, readFile, readlink, rename, rm, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { compact } from "@nightlight/core"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { encodeHeader } from "../src/evidence/header.ts"
import { type EvidenceRow, parseRow, toRowText } from "../src/evidence/row.ts"
import { openEvidence, openEvidenceStore, seal, verifyEvidence } from "../src/index.ts"
import { collect, fixedClock, inChunks, makeKeyedDigest, makeKeyring, sha256, tempDir } from "./support/workspace.ts"

async function makeStore() {
  const keyring = await makeKeyring()
  const dir = await tempDir()
  const keyedDigest = makeKeyedDigest()
  const store = await openEvidenceStore(dir, { manifest: keyring.manifest, keyedDigest, clock: fixedClock })
  for (const id of ["item-1", "item-2", "item-3"]) {
    await store.put({ evidenceId: id, provenance: id, content: Buffer.from(id), contentSha256: sha256(id) })
  }
  const verify = (options = {}) => collect(verifyEvidence(dir, [keyring.custodian], { keyedDigest, ...options }))
  const path = (name: string): string => join(dir, name.slice(0, 2), name)
  return { dir, keyring, keyedDigest, verify, path }
}

type Store = Awaited<ReturnType<typeof makeStore>>

/** Someone with the public keys, and for the sake of the test the digest key, puts a file of their own in place. */
async function replace(
  { path, keyring, keyedDigest }: Store,
  plaintext: Uint8Array,
  change: Partial<EvidenceRow> = {},
) {
  const recipients = keyring.manifest.recipients.map(({ recipient }) => recipient)
  const ciphertext = Buffer.concat(await collect(seal(inChunks(plaintext, []), recipients)))
  const row = parseRow(await readFile(path("item-1.json"), "utf8"), keyedDigest)!
  const whole = { custody: "sealed", sizeBytes: 6 } as const
  const next = { ...row, ...whole, ciphertextSha256: sha256(ciphertext), ciphertextBytes: ciphertext.length, ...change }
  await writeFile(path("item-1.age"), ciphertext)
  await writeFile(path("item-1.json"), toRowText(next, keyedDigest))
}

const HEADER = {
  evidenceId: "item-1",
  hasContent: true,
  contentSha256: sha256("item-1"),
  provenance: null,
  sealedAt: "2026-06-01T12:00:00.000Z",
}
const plaintext = (header: Partial<typeof HEADER>, content = "item-1"): Uint8Array =>
  Buffer.concat([encodeHeader({ ...HEADER, ...header }), Buffer.from(content)])

describe("verifying evidence", () => {
  it("opens each piece and tells how far it is", async () => {
    const { verify } = await makeStore()
    const steps: [number, number][] = []
    expect(await verify({ onProgress: (done: number, total: number) => steps.push([done, total]) })).toEqual(
      ["item-1", "item-2", "item-3"].map((evidenceId) => ({ evidenceId, ok: true })),
    )
    expect(steps).toEqual([
      [1, 3],
      [2, 3],
      [3, 3],
    ])
  })

  it("says nothing of a piece that is removed while others are looked at", async () => {
    const { dir, keyring, keyedDigest } = await makeStore()
    const store = await openEvidenceStore(dir, { manifest: keyring.manifest, keyedDigest, clock: fixedClock })
    const checks = verifyEvidence(dir, [keyring.custodian], { keyedDigest })
    const first = await checks.next()
    await store.remove("item-2")
    expect([first.value, ...(await collect(checks))]).toEqual([
      { evidenceId: "item-1", ok: true },
      { evidenceId: "item-3", ok: true },
    ])
    const rows = store.list()[Symbol.asyncIterator]()
    const listed = await rows.next()
    await store.remove("item-3")
    expect(listed.value).toMatchObject({ ok: true, row: { evidenceId: "item-1" } })
    expect(await rows.next()).toEqual({ done: true, value: undefined })
  })

  it("sees any flipped bit of a sealed file or its row, and blames no other", async () => {
    const { verify, path } = await makeStore()
    const fault = { "item-2.age": "ciphertext_changed", "item-2.json": "row_untrusted" } as const
    for (const name of ["item-2.age", "item-2.json"] as const) {
      const whole = await readFile(path(name))
      await fc.assert(
        fc.asyncProperty(fc.nat(whole.length - 1), fc.nat(7), async (offset, bit) => {
          const flipped = Buffer.from(whole)
          flipped[offset]! ^= 1 << bit
          await writeFile(path(name), flipped)
          expect(await verify()).toEqual([
            { evidenceId: "item-1", ok: true },
            { evidenceId: "item-2", ok: false, code: fault[name] },
            { evidenceId: "item-3", ok: true },
          ])
        }),
        { numRuns: 40 },
      )
      await writeFile(path(name), whole)
    }
  })

  it("sees bytes taken away or added, a file or row gone, and one piece put in another's place", async () => {
    const cases: [string, (store: Store) => Promise<unknown>][] = [
      ["ciphertext_changed", ({ path }) => appendFile(path("item-1.age"), "x")],
      ["ciphertext_changed", ({ path }) => writeFile(path("item-1.age"), "")],
      ["ciphertext_changed", ({ path }) => copyFile(path("item-2.age"), path("item-1.age"))],
      ["row_untrusted", ({ path }) => copyFile(path("item-2.json"), path("item-1.json"))],
      ["row_untrusted", ({ path }) => writeFile(path("item-1.json"), "{}")],
      ["row_untrusted", ({ path }) => writeFile(path("item-1.json"), "null")],
      ["ciphertext_missing", ({ path }) => rm(path("item-1.age"))],
      ["row_missing", ({ path }) => rm(path("item-1.json"))],
      [
        "row_missing",
        ({ path }) =>
          rename(path("item-1.json"), path("item-1.json.pending")).then(() =>
            appendFile(path("item-1.json.pending"), "x"),
          ),
      ],
      [
        "row_missing",
        ({ path }) => copyFile(path("item-2.json"), path("item-1.json.pending")).then(() => rm(path("item-1.json"))),
      ],
    ]
    for (const [code, harm] of cases) {
      const store = await makeStore()
      await harm(store)
      const [first, ...others] = await store.verify()
      expect(first).toEqual({ evidenceId: "item-1", ok: false, code })
      expect(others).toMatchObject([{ ok: true }, { ok: true }])
    }
  })

  it("sees a file that was sealed by someone else, even under a row that agrees with it", async () => {
    const store = await makeStore()
    const cases: [string | undefined, Uint8Array, Partial<EvidenceRow>?][] = [
      [undefined, plaintext({})],
      ["header_mismatch", plaintext({ evidenceId: "item-9" })],
      ["content_changed", plaintext({}, "other")],
      ["content_changed", plaintext({ hasContent: false })],
      ["digest_mismatch", plaintext({ contentSha256: sha256("other") }, "other")],
      ["digest_mismatch", plaintext({ hasContent: false }, ""), { sizeBytes: 0 }],
      ["digest_mismatch", plaintext({}), { sizeBytes: 5 }],
      ["digest_mismatch", plaintext({}), { custody: "located" }],
      ["header_malformed", new Uint8Array(0)],
      ["header_malformed", Buffer.from([0, 0, 0, 9, 1])],
      ["header_malformed", Buffer.from([0xff, 0xff, 0xff, 0xff, 1])],
      ["header_malformed", Buffer.from("\0\0\0\x02[]and more")],
      ["header_malformed", Buffer.from("\0\0\0\x04nulland more")],
    ]
    for (const [code, bytes, change] of cases) {
      await replace(store, bytes, change)
      const [first] = await store.verify()
      expect(first).toEqual(
        compact({
          evidenceId: "item-1",
          ok: code === undefined,
          code: code || undefined,
        }),
      )
    }
  })

  it("sees a file that was damaged before it was digested", async () => {
    const store = await makeStore()
    await replace(store, plaintext({}, "x".repeat(200_000)))
    const row = parseRow(await readFile(store.path("item-1.json"), "utf8"), store.keyedDigest)!
    const whole = await readFile(store.path("item-1.age"))
    for (const length of [0, 10, 100, whole.length - 70_000, whole.length - 1]) {
      const cut = whole.subarray(0, length)
      const change = { ciphertextSha256: sha256(cut), ciphertextBytes: cut.length }
      await writeFile(store.path("item-1.age"), cut)
      await writeFile(store.path("item-1.json"), toRowText({ ...row, ...change }, store.keyedDigest))
      expect((await store.verify())[0]).toMatchObject({ code: "ciphertext_damaged" })
    }
  })

  it("says which it could not open", async () => {
    const store = await makeStore()
    const { custodian } = await makeKeyring()
    const checks = await collect(verifyEvidence(store.dir, [custodian], { keyedDigest: store.keyedDigest }))
    expect(checks.map((check) => check.ok || check.code)).toEqual(Array(3).fill("not_openable"))
    const wrongKey = await collect(verifyEvidence(store.dir, [custodian], { keyedDigest: makeKeyedDigest() }))
    expect(wrongKey.map((check) => check.ok || check.code)).toEqual(Array(3).fill("row_untrusted"))
  })

  it("leaves no file open, whether evidence opens or not", async () => {
    const store = await makeStore()
    await replace(store, plaintext({}, "x".repeat(1_000_000)), { sizeBytes: 1_000_000 })
    const { custodian } = await makeKeyring()
    const openFiles = async (): Promise<number> =>
      (
        await Promise.all((await readdir("/proc/self/fd")).map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => "")))
      ).filter((target) => target.startsWith(store.dir)).length
    for (const identity of [custodian, store.keyring.custodian]) {
      await collect(verifyEvidence(store.dir, [identity], { keyedDigest: store.keyedDigest }))
      expect(await openFiles()).toBe(0)
    }
    for await (const _ of (await openEvidence(store.dir, "item-1", [store.keyring.custodian])).content) break
    expect(await openFiles()).toBe(0)
  })

  it("stops when it is told to, in the middle of a piece too", async () => {
    const { verify } = await makeStore()
    await expect(verify({ signal: AbortSignal.abort() })).rejects.toThrow(/abort/)
    const controller = new AbortController()
    await expect(verify({ signal: controller.signal, onProgress: () => controller.abort() })).rejects.toThrow(/abort/)
  })
})

describe("opening evidence", () => {
  it("fails at the end of content that is not what was sealed", async () => {
    const store = await makeStore()
    await replace(store, plaintext({}, "other"))
    const { content } = await openEvidence(store.dir, "item-1", [store.keyring.recovery])
    await expect(collect(content)).rejects.toMatchObject({ code: "evidence_digest_mismatch" })
  })

  it("can be left in the middle", async () => {
    const store = await makeStore()
    await replace(store, plaintext({}, "x".repeat(1_000_000)))
    const { content } = await openEvidence(store.dir, "item-1", [store.keyring.recovery])
    for await (const chunk of content) {
      expect(chunk.length).toBeGreaterThan(0)
      break
    }
  })

  it("fails with a code for a key that is none, a stranger's key, and evidence that is not there", async () => {
    const { dir, keyring } = await makeStore()
    const { custodian } = await makeKeyring()
    await expect(openEvidence(dir, "item-1", ["secret"])).rejects.toMatchObject({ code: "key_malformed" })
    await expect(openEvidence(dir, "item-1", [])).rejects.toMatchObject({ code: "key_unusable" })
    await expect(openEvidence(dir, "item-1", [custodian])).rejects.toMatchObject({ code: "key_unusable" })
    await expect(openEvidence(dir, "item-9", [keyring.custodian])).rejects.toMatchObject({
      code: "evidence_digest_mismatch",
    })
  })
})
