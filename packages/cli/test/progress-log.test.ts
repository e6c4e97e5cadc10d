import { MINUTE_MS } from "@nightlight/core"
import { describe, expect, it } from "vitest"
import { createProgressLog } from "../src/terminal/progress-log.ts"

/** A clock and timer that the test moves. */
function manualTimer() {
  let now = 0
  const running = new Set<{ readonly intervalMs: number; readonly action: () => void; due: number }>()
  return {
    now: () => now,
    every: (intervalMs: number, action: () => void) => {
      const timer = { intervalMs, action, due: now + intervalMs }
      running.add(timer)
      return () => void running.delete(timer)
    },
    pass: (ms: number) => {
      for (const end = now + ms; now < end; now += 1_000) {
        for (const timer of running) {
          if (now + 1_000 < timer.due) continue
          timer.due += timer.intervalMs
          now += 1_000
          timer.action()
          now -= 1_000
        }
      }
    },
  }
}

const counts = () => ({ shardsTotal: 400, shardsDone: 0, bytesTotal: 8e9, bytesDone: 0, items: 0 })

describe("progress off a terminal", () => {
  it("is a line a minute: shards, items, rate, time left, matched and unclear", () => {
    const timer = manualTimer()
    const lines: string[] = []
    const log = createProgressLog({ err: (text) => lines.push(text) }, timer)
    const progress = counts()
    log.begin(progress, () => ["3 matched", "7 unclear"])
    timer.pass(MINUTE_MS - 1_000)
    expect(lines).toEqual([])
    Object.assign(progress, { shardsDone: 12, bytesDone: 2e9, items: 45_000 })
    timer.pass(1_000)
    expect(lines).toEqual(["12 of 400 shards (25 %), 45,000 items, 750/s, 3 min 0 s left, 3 matched, 7 unclear\n"])
    timer.pass(2 * MINUTE_MS)
    expect(lines).toHaveLength(3)
    log.close()
    timer.pass(5 * MINUTE_MS)
    expect(lines).toHaveLength(3)
  })

  it("names no time left before anything is done, and goes on with the counts of a second plan", () => {
    const timer = manualTimer()
    const lines: string[] = []
    const log = createProgressLog({ err: (text) => lines.push(text) }, timer)
    log.begin(counts(), () => [])
    timer.pass(MINUTE_MS)
    expect(lines).toEqual(["0 of 400 shards (0 %), 0 items, 0/s\n"])
    log.begin({ ...counts(), shardsTotal: 1 }, () => [])
    timer.pass(MINUTE_MS)
    expect(lines.slice(1)).toEqual(["0 of 1 shard (0 %), 0 items, 0/s\n"])
    log.close()
  })
})
