import { spawn, spawnSync } from "node:child_process"
import { once } from "node:events"
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises"
import { hostname, tmpdir } from "node:os"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { withLock } from "../../src/lists/lock.ts"

const CHILD = new URL("./lock-child.ts", import.meta.url).pathname

async function withFolder<T>(use: (folder: string, lock: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "nightlight-lock-"))
  try {
    return await use(folder, join(folder, ".lock"))
  } finally {
    await rm(folder, { recursive: true })
  }
}

/** A lock file as its holder wrote it. */
function holder(more: object): string {
  return JSON.stringify({ host: hostname(), pid: process.pid, startedTicks: "1", token: "t", ...more })
}

const hold = async () => "held"

describe("withLock", () => {
  it("holds for as long as the work takes, and leaves nothing behind", async () => {
    await withFolder(async (folder, lock) => {
      const result = await withLock(lock, "it", async () => {
        await expect(withLock(lock, "it", hold)).rejects.toMatchObject({ code: "locked", retryable: true })
        return "done"
      })
      expect(result).toBe("done")
      expect(await readdir(folder)).toEqual([])
      expect(await withLock(lock, "it", hold)).toBe("held")
    })
  })

  it("opens when the work throws", async () => {
    await withFolder(async (_, lock) => {
      await expect(withLock(lock, "it", () => Promise.reject(new Error("no")))).rejects.toThrow("no")
      expect(await withLock(lock, "it", hold)).toBe("held")
    })
  })

  it.each([
    ["whose process is gone", () => holder({ pid: spawnSync(process.execPath, ["-e", ""]).pid })],
    ["whose number another process has now", () => holder({})],
    ["that is damaged", () => "{"],
    ["that is empty", () => ""],
    ["that names nobody", () => "null"],
  ])("takes over a lock %s", async (_, content) => {
    await withFolder(async (folder, lock) => {
      await writeFile(lock, content())
      expect(await withLock(lock, "it", hold)).toBe("held")
      expect(await readdir(folder)).toEqual([])
    })
  })

  it("never takes over a lock from another host", async () => {
    await withFolder(async (_, lock) => {
      await writeFile(lock, holder({ host: "elsewhere", pid: 1 }))
      await expect(withLock(lock, "it", hold)).rejects.toMatchObject({ code: "locked" })
      expect(JSON.parse(await readFile(lock, "utf8"))).toMatchObject({ host: "elsewhere" })
    })
  })

  it("lets one at a time through when many processes find a dead holder's lock", async () => {
    await withFolder(async (folder, lock) => {
      await writeFile(lock, holder({}))
      const children = Array.from({ length: 4 }, () =>
        spawn(process.execPath, ["-C", "@nightlight/source", CHILD, lock, join(folder, "busy")], { stdio: "ignore" }),
      )
      const exits = await Promise.all(children.map(async (child) => (await once(child, "exit"))[0] as number))
      expect(exits).toEqual([0, 0, 0, 0])
      expect(await readdir(folder)).toEqual([])
    })
  })
})
