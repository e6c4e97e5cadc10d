import { spawn } from "node:child_process"
import { once } from "node:events"
import { readdir, readFile, stat, writeFile } from "node:fs/promises"
import { join } from "node:path"
import type { ListItem } from "@nightlight/core"
import { describe, expect, it } from "vitest"
import { importList, listSnapshots, openSnapshot, showList } from "../../src/index.ts"
import { importRecords, itemsOf, makeKeeper, manyRecords, namesIn, recordOf, withWorkspace } from "./support.ts"

const CHILD = new URL("./import-child.ts", import.meta.url).pathname

describe("importList", () => {
  it("makes a signed snapshot that can be read back", async () => {
    await withWorkspace(async (workspace) => {
      const summary = await importRecords(workspace, "main", manyRecords(9))
      expect(summary).toEqual({
        name: "main",
        version: 1,
        changed: true,
        counts: { md5: 2, sha1: 2, sha256: 2, pdq: 3, url: 0 },
        trust: "unverified",
        radiusBits: 31,
        duplicates: 0,
        bad: { count: 0, first: [], byReason: {} },
      })
      await using opened = await openSnapshot({ listsDir: workspace.listsDir, name: "main" }, workspace.keeper.verifier)
      const { snapshot, entries } = opened
      expect(snapshot).toMatchObject({ version: 1, importedAt: "2026-03-01T12:00:00.000Z", trust: "unverified" })
      const hashes = Array.from({ length: 9 }, (_, ordinal) => entries.entryAt(ordinal).hash).sort()
      expect(hashes).toEqual(
        manyRecords(9)
          .map(({ hash }) => hash)
          .sort(),
      )
    })
  })

  it("makes a new version only when entries or settings changed, whatever the order of the entries", async () => {
    await withWorkspace(async (workspace) => {
      const records = manyRecords(20)
      await importRecords(workspace, "main", records)
      const again = await importRecords(workspace, "main", [...records].reverse())
      expect(again).toMatchObject({ version: 1, changed: false })
      for (const [version, more] of [
        [2, { trust: "trusted" }],
        [3, { trust: "trusted", radiusBits: 20 }],
        [4, { trust: "trusted", radiusBits: 20, asOf: "2026-01-01" }],
      ] as const) {
        expect(await importRecords(workspace, "main", records, more)).toMatchObject({ version, changed: true })
      }
      expect(await importRecords(workspace, "main", manyRecords(21))).toMatchObject({ version: 5 })
      const names = (await listSnapshots(workspace.listsDir, workspace.keeper.verifier)).map(
        ({ name, version }) => `${name} ${version}`,
      )
      expect(names).toEqual(["main 5", "nightlight-test-cards 1"])
    })
  })

  it("refuses a list that is empty or lost more than half of its entries, unless that is accepted", async () => {
    await withWorkspace(async (workspace) => {
      await expect(importRecords(workspace, "main", [])).rejects.toMatchObject({ code: "state_conflict" })
      await importRecords(workspace, "main", manyRecords(20))
      await expect(importRecords(workspace, "main", manyRecords(9))).rejects.toMatchObject({
        code: "state_conflict",
        details: { entries: 9, before: 20 },
      })
      expect(await importRecords(workspace, "main", manyRecords(10))).not.toHaveProperty("shrunkFrom")
      const accepted = await importRecords(workspace, "main", manyRecords(4), { acceptShrink: true })
      expect(accepted).toMatchObject({ version: 3, shrunkFrom: 10 })
      expect(await importRecords(workspace, "main", [], { acceptShrink: true })).toMatchObject({ version: 4 })
    })
  })

  it("prefers the operator's settings to the list's, and the list's to the defaults", async () => {
    await withWorkspace(async (workspace) => {
      const { listsDir, keeper } = workspace
      const items = () => itemsOf(manyRecords(4), { trust: "trusted", radiusBits: 12, asOf: "2026-02-01" })
      expect(await importList({ listsDir, name: "a", items: items() }, keeper)).toMatchObject({
        trust: "trusted",
        radiusBits: 12,
      })
      await importList({ listsDir, name: "a", items: items(), trust: "unverified", radiusBits: 0, terms: "t" }, keeper)
      expect(await showList({ listsDir, name: "a" }, keeper.verifier)).toMatchObject({
        version: 2,
        trust: "unverified",
        radiusBits: 0,
        asOf: "2026-02-01",
        terms: "t",
      })
    })
  })

  it("keeps trust, radius and terms of the previous version unless others are given, but never its date", async () => {
    await withWorkspace(async ({ listsDir, keeper }) => {
      const first = { trust: "trusted", radiusBits: 12, terms: "t", asOf: "2026-02-01" } as const
      await importList({ listsDir, name: "a", items: itemsOf(manyRecords(4), {}), ...first }, keeper)
      await importList({ listsDir, name: "a", items: itemsOf(manyRecords(5), {}) }, keeper)
      const snapshot = await showList({ listsDir, name: "a" }, keeper.verifier)
      expect(snapshot).toMatchObject({ version: 2, trust: "trusted", radiusBits: 12, terms: "t" })
      expect(snapshot.asOf).toBeUndefined()
    })
  })

  it("refuses a list whose entries contradict each other about the list, and names the line", async () => {
    await withWorkspace(async ({ listsDir, keeper }) => {
      const items = async function* (): AsyncGenerator<ListItem> {
        yield { ok: true, line: 2, record: recordOf("md5", "a"), attributes: { trust: "unverified", radiusBits: 3 } }
        yield { ok: true, line: 3, record: recordOf("md5", "b") }
        yield { ok: true, line: 4, record: recordOf("md5", "c"), attributes: { radiusBits: 4 } }
      }
      await expect(importList({ listsDir, name: "a", items: items() }, keeper)).rejects.toMatchObject({
        code: "list_malformed",
        details: { line: 4 },
      })
      expect(await readdir(join(listsDir, "a"))).toEqual([])
    })
  })

  it("counts bad lines by reason and keeps the first hundred", async () => {
    await withWorkspace(async ({ listsDir, keeper }) => {
      const items = async function* (): AsyncGenerator<ListItem> {
        for (let line = 2; line < 200; line++) {
          yield { ok: false, bad: { line, reason: line % 2 === 0 ? "hash_malformed" : "type_unsupported" } }
        }
        yield { ok: true, line: 200, record: recordOf("md5", "a") }
      }
      const { bad } = await importList({ listsDir, name: "a", items: items() }, keeper)
      expect(bad.count).toBe(198)
      expect(bad.byReason).toEqual({ hash_malformed: 99, type_unsupported: 99 })
      expect(bad.first).toHaveLength(100)
      expect(bad.first[0]).toEqual({ line: 2, reason: "hash_malformed" })
    })
  })

  it.each([
    ["a type without any readable hash", { reason: "field_malformed", hashType: "pdq" }, true],
    ["hashes under an unknown field name", { reason: "field_unread" }, true],
    ["an unknown type", { reason: "type_unknown" }, true],
    ["a type that matching does not support", { reason: "type_unsupported" }, false],
    ["damaged hashes of a type that is readable in other lines", { reason: "hash_malformed", hashType: "md5" }, false],
  ] as const)(
    "refuses a list with %s if a hash type would be lost, unless that is accepted",
    async (_, bad, isLost) => {
      await withWorkspace(async ({ listsDir, keeper }) => {
        const items = async function* (count: number): AsyncGenerator<ListItem> {
          for (let line = 1; line <= count; line++) yield { ok: true, line, record: recordOf("md5", `m${line}`) }
          yield { ok: false, bad: { line: 1, ...bad } }
        }
        const few = importList({ listsDir, name: "a", items: items(90) }, keeper)
        if (isLost)
          await expect(few).rejects.toMatchObject({
            code: "list_malformed",
            hint: expect.stringContaining("--accept-unread"),
          })
        else expect(await few).toMatchObject({ counts: { md5: 90 } })
        const accepted = await importList({ listsDir, name: "b", items: items(90), acceptUnread: true }, keeper)
        expect(accepted).toMatchObject({ counts: { md5: 90 }, bad: { count: 1 } })
        // One bad line among many is that line's fault.
        expect(await importList({ listsDir, name: "c", items: items(200) }, keeper)).toMatchObject({
          bad: { count: 1 },
        })
      })
    },
  )

  it("says why the first line of a list without any record could not be read", async () => {
    await withWorkspace(async ({ listsDir, keeper }) => {
      const items = async function* (): AsyncGenerator<ListItem> {
        yield { ok: false, bad: { line: 2, reason: "type_unknown" } }
      }
      await expect(importList({ listsDir, name: "a", items: items() }, keeper)).rejects.toMatchObject({
        code: "state_conflict",
        message: expect.stringContaining("line 2 (type_unknown)"),
      })
    })
  })

  it.each(["", "A", "-a", "a/b", "..", "a".repeat(64), "nightlight-test-cards"])(
    "refuses the name %j",
    async (name) => {
      await withWorkspace(async (workspace) => {
        await expect(importRecords(workspace, name, manyRecords(1))).rejects.toMatchObject({ code: "input_invalid" })
      })
    },
  )

  it.each([-1, 64, 1.5])("refuses a radius of %d bits", async (radiusBits) => {
    await withWorkspace(async (workspace) => {
      const importing = importRecords(workspace, "a", manyRecords(1), { radiusBits })
      await expect(importing).rejects.toMatchObject({ code: "input_invalid" })
    })
  })

  it("refuses a concurrent import of the same list, but not of another list", async () => {
    await withWorkspace(async (workspace) => {
      const { listsDir, keeper } = workspace
      const items = async function* (): AsyncGenerator<ListItem> {
        await expect(importRecords(workspace, "main", manyRecords(3))).rejects.toMatchObject({ code: "locked" })
        await importRecords(workspace, "other", manyRecords(3))
        yield* itemsOf(manyRecords(5))
      }
      expect(await importList({ listsDir, name: "main", items: items() }, keeper)).toMatchObject({ version: 1 })
      expect(await importRecords(workspace, "main", manyRecords(6))).toMatchObject({ version: 2 })
    })
  })

  it("leaves the old snapshot live when it is killed, and does not block the next import", async () => {
    await withWorkspace(async (workspace) => {
      const { listsDir, keeper } = workspace
      await importRecords(workspace, "main", manyRecords(5))
      const child = spawn(process.execPath, ["-C", "@nightlight/source", CHILD, listsDir, "main"], {
        stdio: ["ignore", "pipe", "inherit"],
      })
      await once(child.stdout, "data")
      child.kill("SIGKILL")
      await once(child, "exit")
      const left = await readdir(join(listsDir, "main"))
      expect(left.filter((name) => name.startsWith(".new-"))).toHaveLength(1)
      expect(await showList({ listsDir, name: "main" }, keeper.verifier)).toMatchObject({ version: 1 })
      expect(await importRecords(workspace, "main", manyRecords(6))).toMatchObject({ version: 2, changed: true })
      expect(await readdir(join(listsDir, "main"))).toEqual(["v000001", "v000002"])
      expect(await namesIn(listsDir)).toEqual(["main", "nightlight-test-cards"])
    })
  })

  it("stops when aborted, leaving nothing behind", async () => {
    await withWorkspace(async ({ listsDir, keeper }) => {
      const stop = new AbortController()
      const items = async function* (): AsyncGenerator<ListItem> {
        stop.abort(new Error("enough"))
        yield* itemsOf(manyRecords(5))
      }
      const importing = importList({ listsDir, name: "a", items: items() }, keeper, { signal: stop.signal })
      await expect(importing).rejects.toThrow("enough")
      expect(await readdir(join(listsDir, "a"))).toEqual([])
    })
  })

  it("keeps the requested number of old versions", async () => {
    await withWorkspace(async (workspace) => {
      for (let count = 1; count <= 4; count++) {
        await importRecords(workspace, "main", manyRecords(count), { keepVersions: 1 })
      }
      expect(await readdir(join(workspace.listsDir, "main"))).toEqual(["v000003", "v000004"])
    })
  })

  it("refuses to continue from a snapshot that was altered or signed by another key", async () => {
    await withWorkspace(async (workspace) => {
      const { listsDir, keeper } = workspace
      await importRecords(workspace, "main", manyRecords(5))
      const other = makeKeeper()
      const place = { listsDir, name: "main" }
      await expect(showList(place, other.verifier)).rejects.toMatchObject({ code: "snapshot_untrusted" })
      await expect(showList(place, makeKeeper("ff").verifier)).rejects.toMatchObject({ code: "snapshot_untrusted" })
      const path = join(listsDir, "main", "v000001", "snapshot.json")
      const text = await readFile(path, "utf8")
      await writeFile(path, text.replace('"trust": "unverified"', '"trust": "test"'))
      await expect(importRecords(workspace, "main", manyRecords(6))).rejects.toMatchObject({
        code: "snapshot_untrusted",
      })
      await expect(listSnapshots(listsDir, keeper.verifier)).rejects.toMatchObject({ code: "snapshot_untrusted" })
    })
  })

  it("refuses a valid document of another list or version", async () => {
    await withWorkspace(async (workspace) => {
      const { listsDir, keeper } = workspace
      await importRecords(workspace, "main", manyRecords(5))
      await importRecords(workspace, "other", manyRecords(6))
      const document = join("v000001", "snapshot.json")
      await writeFile(join(listsDir, "main", document), await readFile(join(listsDir, "other", document)))
      await expect(showList({ listsDir, name: "main" }, keeper.verifier)).rejects.toMatchObject({
        code: "snapshot_untrusted",
      })
    })
  })

  it("makes a list readable by its owner only", async () => {
    await withWorkspace(async (workspace) => {
      await importRecords(workspace, "main", manyRecords(5))
      const folder = join(workspace.listsDir, "main", "v000001")
      for (const name of await readdir(folder)) expect((await stat(join(folder, name))).mode & 0o777).toBe(0o600)
      expect((await stat(folder)).mode & 0o777).toBe(0o700)
    })
  })

  it("imports a long list in memory that does not grow with the list", { timeout: 900_000 }, async () => {
    await withWorkspace(async ({ listsDir, keeper }) => {
      const count = process.env["NIGHTLIGHT_LONG"] === undefined ? 200_000 : 10_000_000
      const items = async function* (): AsyncGenerator<ListItem> {
        const record = recordOf("pdq", "long")
        for (let index = 0; index < count; index++) {
          const hash = Math.imul(index, 0x9e3779b1).toString(16).slice(-8).padStart(64, "0")
          yield { ok: true, line: index + 1, record: { ...record, hash: hash.replace("-", "0"), id: `entry-${index}` } }
        }
      }
      let peak = 0
      const before = process.memoryUsage().rss
      const onProgress = () => {
        peak = Math.max(peak, process.memoryUsage().rss - before)
      }
      const summary = await importList({ listsDir, name: "long", items: items() }, keeper, { onProgress })
      expect(summary.counts.pdq + summary.duplicates).toBe(count)
      expect(peak).toBeLessThan(300 * 1_048_576)
    })
  })
})
