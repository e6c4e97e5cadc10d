import { describe, expect, it } from "vitest"
import { type Reading, readConsistently, readingOf } from "../../../src/platform/authority/read-consistently.ts"

const ROW = { table: "service_keys", id: "key-1" }

/** Answers with these readings in turn, and counts how often it was read. */
function readings(...differing: readonly boolean[]): { read: () => Promise<Reading<number>>; count: () => number } {
  let count = 0
  const read = async () => {
    const reading = readingOf(count, differing[count] ?? false, ROW)
    count += 1
    return reading
  }
  return { read, count: () => count }
}

describe("a row that is read beside the log", () => {
  it("is read once where the two agree", async () => {
    const { read, count } = readings(false)
    expect(await readConsistently(read)).toEqual({ value: 0, differing: undefined })
    expect(count()).toBe(1)
  })

  it("is not reported as altered if somebody changed both between the two readings", async () => {
    const { read } = readings(true, true, false)
    expect(await readConsistently(read)).toEqual({ value: 2, differing: undefined })
  })

  it("is reported as altered if it differs in three readings", async () => {
    const { read, count } = readings(true, true, true, false)
    expect(await readConsistently(read)).toEqual({ value: 2, differing: ROW })
    expect(count()).toBe(3)
  })
})
