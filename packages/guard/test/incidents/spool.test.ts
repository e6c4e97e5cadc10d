import { randomBytes } from "node:crypto"
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs"
import fs from "node:fs/promises"
import { syncBuiltinESMExports } from "node:module"
import { tmpdir } from "node:os"
import { join } from "node:path"
import fc from "fast-check"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { openSpool, type Spool } from "../../src/incidents/spool/spool.ts"

const key = randomBytes(32)
let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "nl-spool-"))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

async function open(segmentBytes = 1_000_000): Promise<{ spool: Spool; found: string[] }> {
  const found: string[] = []
  const spool = await openSpool({ dir, key, segmentBytes, onRecord: (record) => void found.push(record.toString()) })
  return { spool, found }
}

const add = (spool: Spool, ...records: string[]) =>
  Promise.all(records.map((record) => spool.append(Buffer.from(record))))
const segments = () =>
  readdirSync(join(dir, "0"))
    .filter((name) => name.endsWith(".spool"))
    .sort()
const path = (name: string) => join(dir, "0", name)

/** Takes everything out, in order. */
async function drain(spool: Spool): Promise<string[]> {
  const all: string[] = []
  for (let batch = await spool.oldest(); batch !== undefined; batch = await spool.oldest()) {
    all.push(...batch.records.map((record) => record.toString()))
    await spool.acknowledge(batch)
  }
  return all
}

describe("the spool", () => {
  it("returns its records in order, over any sizes, segments and restarts", async () => {
    const rounds = fc.array(fc.array(fc.string({ maxLength: 300 }), { maxLength: 8 }), { maxLength: 6 })
    await fc.assert(
      fc.asyncProperty(rounds, fc.integer({ min: 1, max: 900 }), async (given, segmentBytes) => {
        for (const records of given) {
          const { spool } = await open(segmentBytes)
          await add(spool, ...records)
          await spool.close()
        }
        const { spool, found } = await open(segmentBytes)
        expect(found).toEqual(given.flat())
        expect(spool.records).toBe(given.flat().length)
        expect(await drain(spool)).toEqual(given.flat())
        expect(segments()).toEqual([])
        await spool.close()
      }),
      { numRuns: 30 },
    )
  })

  it("removes acknowledged records and no others", async () => {
    const { spool } = await open(100)
    await add(spool, "one")
    await add(spool, "two", "three")
    const first = await spool.oldest()
    await add(spool, "four")
    await spool.acknowledge(first!)
    await spool.acknowledge(first!)
    expect(await drain(spool)).toEqual(["one", "two", "three", "four"].slice(first!.records.length))
    await add(spool, "five")
    await spool.close()
    const again = await open(100)
    expect(again.found).toEqual(["five"])
    await again.spool.close()
  })

  it("drops an incomplete record, cut off at any byte, and keeps the records before it", async () => {
    const { spool } = await open()
    await add(spool, "first")
    const whole = spool.bytes
    await add(spool, "second record")
    const all = spool.bytes
    await spool.close()
    const bytes = readFileSync(path("00000001.spool"))
    for (let cut = whole; cut < all; cut++) {
      writeFileSync(path("00000001.spool"), bytes.subarray(0, cut))
      const { spool: again, found } = await open()
      expect(found).toEqual(["first"])
      expect(again.untrusted).toBe(0)
      await add(again, "third")
      await again.close()
      const last = await open()
      expect(last.found).toEqual(["first", "third"])
      await last.spool.close()
      for (const name of segments()) rmSync(path(name))
    }
  })

  it("detects any altered byte, and keeps the altered file", async () => {
    const { spool } = await open()
    await add(spool, "first", "second", "third")
    await spool.close()
    const bytes = readFileSync(path("00000001.spool"))
    for (let offset = 0; offset < bytes.length; offset += 7) {
      const altered = Buffer.from(bytes)
      altered[offset]! ^= 0x01
      writeFileSync(path("00000001.spool"), altered)
      const { spool: again, found } = await open()
      expect(["first", "second", "third"].slice(0, found.length)).toEqual(found)
      expect(found.length).toBeLessThan(3)
      await again.close()
    }
    expect(readdirSync(join(dir, "0"))).toContain("00000001.spool.untrusted")
  })

  it("detects a record that was moved to another segment, and a segment that was removed", async () => {
    const { spool } = await open(1)
    await add(spool, "first")
    await add(spool, "second")
    await add(spool, "third")
    await spool.close()
    const third = readFileSync(path("00000003.spool"))
    appendFileSync(path("00000001.spool"), third)
    rmSync(path("00000002.spool"))
    const { spool: again, found } = await open(1)
    expect(found).toEqual(["first", "third"])
    expect(again.untrusted).toBe(2)
    await again.close()
  })

  it("reads nothing under another key", async () => {
    const { spool } = await open()
    await add(spool, "canary-record")
    await spool.close()
    expect(readFileSync(path("00000001.spool")).includes("canary-record")).toBe(false)
    const found: Buffer[] = []
    const other = await openSpool({ dir, key: randomBytes(32), onRecord: (record) => void found.push(record) })
    expect(found).toEqual([])
    expect(other.untrusted).toBe(1)
    await other.close()
  })

  it("gives a second guard its own folder, and a later guard the folder of one that has ended", async () => {
    const first = await open()
    const second = await open()
    await add(first.spool, "of the first")
    await add(second.spool, "of the second")
    await first.spool.close()
    const third = await open()
    expect(third.found).toEqual(["of the first"])
    await second.spool.close()
    await third.spool.close()
  })

  it("reports nothing as kept, and removes nothing, once another guard has taken its folder over", async () => {
    const { spool } = await open()
    await add(spool, "one")
    const batch = await spool.oldest()
    // As a guard of another machine does when this one gave no sign for a minute.
    const lock = join(dir, "0", ".lock")
    for (const name of readdirSync(lock)) rmSync(join(lock, name))
    writeFileSync(join(lock, "99.lock"), "another")
    await expect(spool.append(Buffer.from("two"))).rejects.toMatchObject({ code: "locked" })
    await expect(spool.acknowledge(batch!)).rejects.toMatchObject({ code: "locked" })
    await expect(spool.oldest()).rejects.toMatchObject({ code: "locked" })
    expect(spool.isLost).toBe(true)
    expect(segments()).toEqual(["00000001.spool"])
    await spool.close()
  })

  it("does not report a removed segment where one could not be begun", async () => {
    const { spool } = await open(1)
    await add(spool, "one")
    const { open: real } = fs
    fs.open = () => Promise.reject(Object.assign(new Error("no space"), { code: "ENOSPC" }))
    syncBuiltinESMExports()
    await expect(spool.append(Buffer.from("two"))).rejects.toMatchObject({ code: "disk_full" })
    fs.open = real
    syncBuiltinESMExports()
    await add(spool, "three")
    await spool.close()
    const again = await open(1)
    expect(again.found).toEqual(["one", "three"])
    expect(again.spool.untrusted).toBe(0)
    await again.spool.close()
  })

  it("continues when records vanish from a segment while it is open", async () => {
    const { spool } = await open()
    await add(spool, "first", "second")
    truncateSync(path("00000001.spool"), 20)
    expect(await drain(spool)).toEqual([])
    expect(spool.untrusted).toBeGreaterThan(0)
    expect(spool.records).toBe(0)
    expect(readdirSync(join(dir, "0"))).toContain("00000001.spool.untrusted")
    await spool.close()
  })

  it("returns records added after an altered record was detected", async () => {
    const { spool } = await open()
    await add(spool, "first", "second")
    truncateSync(path("00000001.spool"), 20)
    const batch = await spool.oldest()
    expect(batch?.records).toEqual([])
    await add(spool, "third")
    await spool.acknowledge(batch!)
    expect(await drain(spool)).toEqual(["third"])
    expect(spool.records).toBe(0)
    await spool.close()
  })

  it("loses and miscounts nothing when a record is added while the oldest are read", async () => {
    const { spool } = await open()
    await add(spool, "record 0")
    for (let round = 1; round <= 20; round++) {
      let isAdded = false
      const added = add(spool, `record ${round}`).then(() => {
        isAdded = true
      })
      const reads = []
      while (!isAdded) {
        reads.push(spool.oldest())
        await new Promise((done) => setImmediate(done))
      }
      await Promise.all([added, ...reads])
    }
    expect(spool).toMatchObject({ records: 21, untrusted: 0 })
    expect(await drain(spool)).toEqual(Array.from({ length: 21 }, (_, index) => `record ${index}`))
    await spool.close()
  })
})
