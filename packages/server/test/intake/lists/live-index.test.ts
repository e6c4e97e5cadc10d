import { cp, mkdir, readdir, readFile, rename, rm, truncate, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { createDatabase } from "@nightlight/dev-env/database/postgres"
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest"
import { createIndexFloor } from "../../../src/intake/lists/floor.ts"
import { type LiveIndex, openLiveIndex } from "../../../src/intake/lists/live-index.ts"
import { aRecord, type ListFolder, makeListFolder } from "../../support/list-folder.ts"

let lists: ListFolder
let own: Awaited<ReturnType<typeof createDatabase>>
let live: LiveIndex | undefined
let refused: { readonly code: string; readonly version: number }[]

beforeAll(async () => {
  lists = await makeListFolder()
})
afterAll(async () => {
  await lists?.remove()
})
beforeEach(async () => {
  await lists.reset()
  own = await createDatabase()
  refused = []
})
afterEach(async () => {
  await live?.close()
  live = undefined
  await own.drop()
})

async function open(): Promise<LiveIndex> {
  live = await openLiveIndex({
    indexDir: lists.indexDir,
    verifier: lists.verifier,
    clock: lists.clock,
    floor: createIndexFloor({ db: own.database.kysely, clock: lists.clock }),
    onRefused: async (what) => void refused.push(what),
  })
  return live
}

const version = (index: LiveIndex) => index.use(async (loaded) => loaded.version)
const folderOf = (number: number) => join(lists.indexDir, `v${String(number).padStart(6, "0")}`)

describe("the server's own index", () => {
  it("is the newest within a second, and work begun on the old one ends on it", async () => {
    const first = await lists.add(aRecord(1))
    const index = await open()
    const begun = Promise.withResolvers<void>()
    const mayEnd = Promise.withResolvers<void>()
    const old = index.use(async (loaded) => {
      begun.resolve()
      await mayEnd.promise
      return [loaded.version, loaded.matchDigests({ sha256: aRecord(1).hash }).length]
    })
    await begun.promise
    const second = await lists.add(aRecord(1), aRecord(2))
    expect(second).toBe(first + 1)
    lists.clock.move(1000)
    await index.refresh()
    expect(await version(index)).toBe(second)
    mayEnd.resolve()
    expect(await old).toEqual([first, 1])
    expect(index.state()).toEqual({ version: second, screens: true })
  })

  it("looks for a newer one by itself when it is used, at most once a second", async () => {
    await lists.add(aRecord(1))
    const index = await open()
    const second = await lists.add(aRecord(1), aRecord(2))
    expect(await version(index)).toBe(second - 1)
    lists.clock.move(1000)
    await version(index)
    await expect.poll(() => version(index)).toBe(second)
  })

  const damages: readonly (readonly [string, string, (folder: string) => Promise<void>])[] = [
    ["cut short", "index_untrusted", async (folder) => truncate(join(folder, "digests.bin"), 8)],
    ["with a flipped bit", "index_untrusted", (folder) => flip(join(folder, "pdq.image"))],
    ["with a flipped bit in a list's records", "index_untrusted", flipRecords],
    ["with an altered document", "index_untrusted", (folder) => flip(join(folder, "index.json"))],
    ["empty", "index_untrusted", emptied],
  ]
  it.each(damages)("keeps the one before when the newest is %s", async (_, code, damage) => {
    const first = await lists.add(aRecord(1))
    const index = await open()
    const second = await lists.add(aRecord(1), aRecord(2))
    await damage(folderOf(second))
    lists.clock.move(1000)
    await index.refresh()
    expect(await version(index)).toBe(first)
    expect(index.state()).toEqual({ version: first, screens: true, fault: code })
    lists.clock.move(1000)
    await index.refresh()
    expect(refused).toEqual([{ code, version: second }])
  })

  it("keeps the earlier one when the newest was signed by somebody else", async () => {
    const first = await lists.add(aRecord(1))
    const index = await open()
    const other = await makeListFolder()
    await other.reset()
    for (let made = 0; made <= first; ) made = await other.add(aRecord(made + 10))
    await cp(join(other.indexDir, `v${String(first + 1).padStart(6, "0")}`), folderOf(first + 1), { recursive: true })
    await other.remove()
    lists.clock.move(1000)
    await index.refresh()
    expect(index.state()).toMatchObject({ version: first, fault: "index_untrusted" })
  })

  it("never goes back to an older one: not while it runs, and not after a restart", async () => {
    const first = await lists.add(aRecord(1))
    const second = await lists.add(aRecord(1), aRecord(2))
    const index = await open()
    await rename(folderOf(second), `${folderOf(second)}.away`)
    lists.clock.move(1000)
    await index.refresh()
    expect(index.state()).toMatchObject({ version: second, fault: "index_older" })
    await index.close()

    const again = await open()
    expect(again.state()).toEqual({ screens: false, fault: "index_older" })
    await expect(version(again)).rejects.toMatchObject({ code: "unavailable" })
    expect(refused.at(-1)).toEqual({ code: "index_older", version: first })

    await rename(`${folderOf(second)}.away`, folderOf(second))
    lists.clock.move(61_000)
    await again.refresh()
    expect(again.state()).toEqual({ version: second, screens: true })
  })

  it("is not ready if there is none, and says if it contains only test cards", async () => {
    const index = await open()
    expect(index.state()).toEqual({ screens: false, fault: "index_untrusted" })
    await expect(version(index)).rejects.toMatchObject({ code: "unavailable" })
    const cards = await lists.build()
    lists.clock.move(1000)
    expect(await version(index)).toBe(cards)
    expect(index.state()).toEqual({ version: cards, screens: false })
  })
})

async function emptied(folder: string): Promise<void> {
  await rm(folder, { recursive: true })
  await mkdir(folder)
}

async function flip(path: string): Promise<void> {
  const bytes = await readFile(path)
  const offset = bytes.length - 20
  bytes[offset] = (bytes[offset] ?? 0) ^ 1
  await writeFile(path, bytes)
}

async function flipRecords(folder: string): Promise<void> {
  const [version = ""] = await readdir(join(folder, "lists", "known"))
  await flip(join(folder, "lists", "known", version, "records.bin"))
}
