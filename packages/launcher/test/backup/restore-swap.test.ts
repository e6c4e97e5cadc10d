import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, describe, expect, it } from "vitest"
import { finishSwap, swapIn } from "../../src/backup/restore-swap.ts"
import { removeUnfinishedRestores } from "../../src/backup/scratch.ts"

const home = await mkdtemp(join(tmpdir(), "nl-swap-"))
afterAll(() => rm(home, { recursive: true, force: true }))

const NOTE = "restore-swap.json"

/** A data folder with a database, and a restored one beside it. */
async function folder(): Promise<string> {
  const dataDir = await mkdtemp(join(home, "data-"))
  for (const [name, text] of [
    ["postgres", "old"],
    ["restoring-1", "new"],
  ] as const) {
    await mkdir(join(dataDir, name))
    await writeFile(join(dataDir, name, "which"), text)
  }
  return dataDir
}

const note = (dataDir: string) =>
  writeFile(join(dataDir, NOTE), JSON.stringify({ from: "restoring-1", aside: "postgres-before-1" }))
const which = (dataDir: string, name = "postgres") => readFile(join(dataDir, name, "which"), "utf8")

describe("a restore that is killed", () => {
  it.each<[string, (dataDir: string) => Promise<unknown>]>([
    ["once it is noted", note],
    [
      "between the two renames",
      async (dataDir) => {
        await note(dataDir)
        await rename(join(dataDir, "postgres"), join(dataDir, "postgres-before-1"))
      },
    ],
    [
      "before its note is removed",
      async (dataDir) => {
        await note(dataDir)
        await rename(join(dataDir, "postgres"), join(dataDir, "postgres-before-1"))
        await rename(join(dataDir, "restoring-1"), join(dataDir, "postgres"))
      },
    ],
  ])("%s is finished by the next start", async (_, killed) => {
    const dataDir = await folder()
    await killed(dataDir)
    await finishSwap(dataDir)
    await finishSwap(dataDir)
    expect(await which(dataDir)).toBe("new")
    expect(await which(dataDir, "postgres-before-1")).toBe("old")
    expect((await readdir(dataDir)).sort()).toEqual(["postgres", "postgres-before-1"])
  })

  it("before its note is written leaves the old database in place, and the next restore removes its folder", async () => {
    const dataDir = await folder()
    await finishSwap(dataDir)
    expect(await which(dataDir)).toBe("old")
    await removeUnfinishedRestores(dataDir)
    expect(await readdir(dataDir)).toEqual(["postgres"])
  })
})

it("the swap puts the restored database in place and returns the path of the old one", async () => {
  const dataDir = await folder()
  expect(await swapIn(dataDir, "1")).toBe(join(dataDir, "postgres-before-1"))
  expect(await which(dataDir)).toBe("new")
})

it.each(['{"from":"../elsewhere","aside":"postgres-before-1"}', "{", '{"from":"restoring-1","aside":"/tmp/x"}'])(
  "a note that no restore wrote moves nothing: %s",
  async (text) => {
    const dataDir = await folder()
    await writeFile(join(dataDir, NOTE), text)
    await expect(finishSwap(dataDir)).rejects.toMatchObject({ code: "backup_untrusted" })
    expect(await which(dataDir)).toBe("old")
  },
)
