import { appendFileSync, mkdtempSync, readdirSync, rmSync, statSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import fc from "fast-check"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { findGenerations, openGenerationLog } from "../src/index.ts"

let dir: string
let now: Date
beforeEach(() => {
  dir = join(mkdtempSync(join(tmpdir(), "nl-generations-")), "log")
  now = new Date("2026-11-24T12:00:00Z")
})
afterEach(() => rmSync(join(dir, ".."), { recursive: true, force: true }))

const clock = { now: () => now }
const open = (retentionDays = 90) => openGenerationLog({ dir, retentionDays, clock })
const generation = (n: number, pdq: string) => ({ generationId: `exchange-${n}`, model: "our-model", pdq, quality: 90 })

describe("the generation log", () => {
  it("finds exactly the pictures within the radius, compared with counting bits one by one", async () => {
    const hash = fc.uint8Array({ minLength: 32, maxLength: 32 })
    await fc.assert(
      fc.asyncProperty(
        fc.array(hash, { maxLength: 20 }),
        hash,
        fc.integer({ min: 0, max: 256 }),
        async (made, asked, radiusBits) => {
          rmSync(dir, { recursive: true, force: true })
          const log = await open()
          for (const [n, bytes] of made.entries()) log.append(generation(n, Buffer.from(bytes).toString("hex")))
          await log.close()
          const distances = made.map((bytes) =>
            bytes.reduce(
              (sum, byte, index) => sum + (byte ^ (asked[index] ?? 0)).toString(2).replaceAll("0", "").length,
              0,
            ),
          )
          const query = { queryId: 7, pdq: Buffer.from(asked).toString("hex") }
          const { found, searched } = await findGenerations(dir, [query], { radiusBits })
          expect(searched).toBe(made.length)
          expect(found.map(({ distanceBits }) => distanceBits)).toEqual(
            distances.filter((bits) => bits <= radiusBits).sort((a, b) => a - b),
          )
        },
      ),
      { numRuns: 40 },
    )
  })

  it("is written by several processes at once, each to its own private files", async () => {
    const logs = [await open(), await open()]
    for (const [n, log] of logs.entries()) log.append(generation(n, "0".repeat(64)))
    await Promise.all(logs.map((log) => log.close()))
    const names = readdirSync(dir)
    expect(names).toHaveLength(2)
    for (const name of names) expect(statSync(join(dir, name)).mode & 0o077).toBe(0)
    expect((await findGenerations(dir, [{ queryId: 0, pdq: "0".repeat(64) }], { radiusBits: 0 })).found).toHaveLength(2)
  })

  it("removes whole days after their retention, and no other days", async () => {
    const log = await open(2)
    for (let day = 24; day <= 28; day++) {
      now = new Date(`2026-11-${day}T12:00:00Z`)
      log.append(generation(day, "0".repeat(64)))
      await log.flush()
    }
    await log.close()
    expect(
      readdirSync(dir)
        .map((name) => name.slice(0, 10))
        .sort(),
    ).toEqual(["2026-11-26", "2026-11-27", "2026-11-28"])
  })

  it("counts a line that was cut off, and reads the others", async () => {
    const log = await open()
    log.append(generation(1, "0".repeat(64)))
    await log.close()
    appendFileSync(join(dir, readdirSync(dir)[0] ?? ""), '{"at":"2026-11-24T12:00')
    const search = await findGenerations(dir, [], { radiusBits: 31 })
    expect(search).toEqual({ found: [], searched: 1, malformed: 1 })
  })

  it("does not store a model name that contains more than a name", async () => {
    const log = await open()
    log.append({ ...generation(1, "0".repeat(64)), model: "canary words of a caller" })
    await log.close()
    const { found } = await findGenerations(dir, [{ queryId: 0, pdq: "0".repeat(64) }], { radiusBits: 0 })
    expect(found).toMatchObject([{ model: "other" }])
  })

  it("reports when lines could not be written, and continues", async () => {
    const faults: string[] = []
    const log = await openGenerationLog({ dir, retentionDays: 1, clock, onFault: (code) => void faults.push(code) })
    rmSync(dir, { recursive: true })
    log.append(generation(1, "0".repeat(64)))
    await log.flush()
    expect(faults).toEqual(["generations_not_logged"])
    await log.close()
  })
})
