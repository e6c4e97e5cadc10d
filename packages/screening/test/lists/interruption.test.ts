import { spawn, spawnSync } from "node:child_process"
import { once } from "node:events"
import { readdir } from "node:fs/promises"
import { dirname, join } from "node:path"
import { describe, expect, it } from "vitest"
import { buildIndex, openIndex, showList } from "../../src/index.ts"
import { importRecords, manyRecords, namesIn, withWorkspace } from "./support.ts"

const INDEX_CHILD = new URL("./index-child.ts", import.meta.url).pathname
const LIMIT_CHILD = new URL("./limit-child.ts", import.meta.url).pathname
const LIMIT_INDEX_CHILD = new URL("./limit-index-child.ts", import.meta.url).pathname
const SOURCES = ["-C", "@nightlight/source"]

describe("an interrupted write", () => {
  it("leaves the old index live when a build is killed, and does not block the next build", async () => {
    await withWorkspace(async (workspace) => {
      const { indexDir, keeper } = workspace
      await buildIndex(workspace, keeper)
      await importRecords(workspace, "a", manyRecords(5))
      const child = spawn(process.execPath, [...SOURCES, INDEX_CHILD, dirname(indexDir)], {
        stdio: ["ignore", "pipe", "inherit"],
      })
      await once(child.stdout, "data")
      child.kill("SIGKILL")
      await once(child, "exit")
      expect(await namesIn(indexDir)).toHaveLength(2)
      {
        await using index = await openIndex(workspace, keeper)
        expect(index.version).toBe(1)
      }
      expect(await buildIndex(workspace, keeper)).toMatchObject({ version: 2, changed: true })
      expect(await namesIn(indexDir)).toEqual(["v000001", "v000002"])
    })
  })

  it("reports a full disk and leaves the old list live", async () => {
    await withWorkspace(async (workspace) => {
      const { listsDir, keeper } = workspace
      await importRecords(workspace, "a", manyRecords(5))
      const command = `ulimit -f 512; exec "${process.execPath}" "$@"`
      const args = ["-c", command, "sh", ...SOURCES, LIMIT_CHILD, listsDir, "a"]
      const { stdout } = spawnSync("sh", args, { encoding: "utf8" })
      expect(stdout).toBe("disk_full\n")
      expect(await readdir(join(listsDir, "a"))).toEqual(["v000001"])
      expect(await showList({ listsDir, name: "a" }, keeper.verifier)).toMatchObject({ version: 1 })
    })
  })

  // In blocks of 512 bytes: less than an image's header, and less than the table of digests.
  it.each([4, 512])(
    "reports a full disk while an index is built, and leaves the old one live (%s blocks)",
    async (blocks) => {
      await withWorkspace(async (workspace) => {
        const { indexDir, keeper } = workspace
        await buildIndex(workspace, keeper)
        await importRecords(workspace, "a", manyRecords(5))
        const command = `ulimit -f ${blocks}; exec "${process.execPath}" "$@"`
        const { stdout } = spawnSync("sh", ["-c", command, "sh", ...SOURCES, LIMIT_INDEX_CHILD, dirname(indexDir)], {
          encoding: "utf8",
        })
        expect(stdout).toBe("disk_full\n")
        expect(await namesIn(indexDir)).toEqual(["v000001"])
        expect(await buildIndex(workspace, keeper)).toMatchObject({ version: 2, changed: true })
        await using index = await openIndex(workspace, keeper)
        expect(index.version).toBe(2)
      })
    },
  )

  it("never leaves a reader without an index while others are built and removed", async () => {
    await withWorkspace(async (workspace) => {
      const { keeper } = workspace
      await buildIndex(workspace, keeper)
      let building = true
      const builds = (async () => {
        for (let count = 1; count <= 8; count++) {
          await importRecords(workspace, "a", manyRecords(count))
          await buildIndex({ ...workspace, keepVersions: 1 }, keeper)
        }
      })().finally(() => {
        building = false
      })
      const seen = new Set<number>()
      while (building) {
        await using index = await openIndex(workspace, keeper)
        seen.add(index.version)
      }
      await builds
      expect(Math.max(...seen)).toBeGreaterThan(1)
      expect(await namesIn(workspace.indexDir)).toEqual(["v000009"])
    })
  })
})
