import { cp, readdir, readFile, rm, stat, truncate, utimes, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { type HashRecord, hasCode, IntegrityError, MINUTE_MS } from "@nightlight/core"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { buildIndex, openIndex } from "../../src/index.ts"
import { importRecords, makeKeeper, manyRecords, recordOf, type Workspace, withWorkspace } from "./support.ts"

/** Files of an index, relative to its folder. */
async function filesOf(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length))
}

/** Runs with an index that shares no file with its lists, so that altering it alters nothing else. */
async function withBuiltIndex<T>(use: (workspace: Workspace, folder: string) => Promise<T>): Promise<T> {
  return withWorkspace(async (workspace) => {
    await importRecords(workspace, "a", [...manyRecords(12), recordOf("pdq", "id", { id: "entry-1" })])
    await buildIndex(workspace, workspace.keeper)
    const copy = join(workspace.indexDir, "..", "copy")
    await cp(workspace.indexDir, copy, { recursive: true })
    return use({ ...workspace, indexDir: copy }, join(copy, "v000001"))
  })
}

describe("an index that was tampered with", () => {
  it("is refused when any bit of any file is flipped", async () => {
    await withBuiltIndex(async (workspace, folder) => {
      const files = await filesOf(folder)
      expect(files).toHaveLength(9)
      await fc.assert(
        fc.asyncProperty(fc.constantFrom(...files), fc.nat(), fc.nat(7), async (name, position, bit) => {
          const path = join(folder, name)
          const bytes = await readFile(path)
          const altered = Buffer.from(bytes)
          altered[position % bytes.length]! ^= 1 << bit
          await writeFile(path, altered)
          try {
            await expect(openIndex(workspace, workspace.keeper)).rejects.toMatchObject({ code: "index_untrusted" })
          } finally {
            await writeFile(path, bytes)
          }
        }),
        { numRuns: 80 },
      )
      await using index = await openIndex(workspace, workspace.keeper)
      expect(index.version).toBe(1)
    })
  })

  it("is refused when any file is missing, empty, cut or extended", async () => {
    await withBuiltIndex(async (workspace, folder) => {
      for (const name of await filesOf(folder)) {
        const path = join(folder, name)
        const bytes = await readFile(path)
        const harms = [
          () => rm(path),
          () => writeFile(path, ""),
          () => truncate(path, bytes.length - 1),
          () => truncate(path, Math.floor(bytes.length / 2)),
          () => writeFile(path, Buffer.concat([bytes, Buffer.from([0])])),
        ]
        for (const harm of harms) {
          await harm()
          await expect(openIndex(workspace, workspace.keeper)).rejects.toMatchObject({ code: "index_untrusted" })
          await writeFile(path, bytes)
        }
      }
    })
  })

  it("is refused when another key signed it or another version's document replaces its own", async () => {
    await withBuiltIndex(async (workspace, folder) => {
      for (const { verifier } of [makeKeeper(), makeKeeper("ff")]) {
        await expect(openIndex(workspace, { verifier })).rejects.toMatchObject({ code: "index_untrusted" })
      }
      await cp(folder, join(workspace.indexDir, "v000002"), { recursive: true })
      await expect(openIndex(workspace, workspace.keeper)).rejects.toMatchObject({ code: "index_untrusted" })
    })
  })

  it("is refused when it is older than an index that was live", async () => {
    await withBuiltIndex(async (workspace) => {
      const trust = { verifier: workspace.keeper.verifier, minimumVersion: 2 }
      await expect(openIndex(workspace, trust)).rejects.toMatchObject({ code: "index_older" })
      await using index = await openIndex(workspace, { ...trust, minimumVersion: 1 })
      expect(index.version).toBe(1)
    })
  })

  it("is refused when there is none", async () => {
    await withWorkspace(async (workspace) => {
      const opening = openIndex(workspace, workspace.keeper)
      await expect(opening).rejects.toThrow(IntegrityError)
      await expect(opening).rejects.toMatchObject({ code: "index_untrusted" })
    })
  })

  it("reports at look-up that a record was altered after opening", async () => {
    await withBuiltIndex(async (workspace, folder) => {
      await using index = await openIndex(workspace, workspace.keeper)
      const path = join(folder, "lists", "a", "1", "records.bin")
      await writeFile(path, (await readFile(path)).fill(7))
      for (const { hashType, hash } of manyRecords(4)) {
        const lookUp = () =>
          hashType === "pdq" ? index.matchPdq(Buffer.from(hash, "hex")) : index.matchDigests({ [hashType]: hash })
        expect(lookUp).toThrow(expect.objectContaining({ code: "index_untrusted" }))
      }
    })
  })

  it("finds every entry as it is, or reports it at look-up, when any bit of a record or an id was flipped after opening", {
    timeout: MINUTE_MS,
  }, async () => {
    const alike = Array.from({ length: 70 }, (_, index) =>
      recordOf("md5", "", { hash: "00".repeat(14) + index.toString(16).padStart(4, "0"), id: `alike-${index}` }),
    )
    const records = [...manyRecords(8).map((record, index) => ({ ...record, id: `entry-${index}` })), ...alike]
    await withWorkspace(async (workspace) => {
      await importRecords(workspace, "a", records)
      await buildIndex(workspace, workspace.keeper)
      const folder = join(workspace.indexDir, "v000001", "lists", "a", "1")
      await using index = await openIndex(workspace, workspace.keeper)
      const lookUp = ({ hashType, hash }: HashRecord) => {
        try {
          const hits =
            hashType === "pdq" ? index.matchPdq(Buffer.from(hash, "hex")) : index.matchDigests({ [hashType]: hash })
          return hits.map(({ entryId, category }) => `${entryId} ${category}`)
        } catch (error) {
          return hasCode(error, "index_untrusted") ? "reported" : error
        }
      }
      const whole = records.map(lookUp)
      expect(whole).toEqual(records.map(({ id, category }) => [`${id} ${category}`]))
      const names = fc.constantFrom("records.bin", "ids.bin")
      await fc.assert(
        fc.asyncProperty(names, fc.nat(), fc.nat(7), fc.boolean(), async (name, position, bit, isHidden) => {
          const path = join(folder, name)
          const { atime, mtime } = await stat(path)
          const bytes = await readFile(path)
          const altered = Buffer.from(bytes)
          altered[position % bytes.length]! ^= 1 << bit
          await writeFile(path, altered)
          // Whoever sets the time back can alter what an entry says about itself, and still hide none.
          if (isHidden) await utimes(path, atime, mtime)
          const found = records.map(lookUp)
          await writeFile(path, bytes)
          for (const [row, hits] of found.entries()) {
            if (isHidden && Array.isArray(hits)) expect(hits).toHaveLength(1)
            else if (hits !== "reported") expect(hits).toEqual(whole[row])
          }
          expect(records.map(lookUp)).toEqual(whole)
        }),
        { numRuns: process.env["NIGHTLIGHT_LONG"] === undefined ? 50 : 150 },
      )
    })
  })

  it("reports at look-up that a file shrank after opening", async () => {
    await withBuiltIndex(async (workspace, folder) => {
      await using index = await openIndex(workspace, workspace.keeper)
      await truncate(join(folder, "lists", "a", "1", "records.bin"), 0)
      const [record] = manyRecords(2).filter(({ hashType }) => hashType === "md5")
      expect(() => index.matchDigests({ md5: record!.hash })).toThrow(
        expect.objectContaining({ code: "index_untrusted" }),
      )
    })
  })

  it("is refused where another version of Nightlight wrote it, since hashes may be made otherwise there", async () => {
    await withBuiltIndex(async (workspace, folder) => {
      for (const name of await filesOf(folder)) {
        const path = join(folder, name)
        const text = (await readFile(path)).toString("latin1")
        const earlier = text.replace(/"(nightlight-list-\w+)\/\d+"/, '"$1/1"')
        if (earlier !== text) await writeFile(path, earlier, "latin1")
      }
      await expect(openIndex(workspace, workspace.keeper)).rejects.toThrow(/another version of Nightlight/)
    })
  })
})
