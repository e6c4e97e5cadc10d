import { describe, expect, it } from "vitest"
import { formatWork } from "../src/terminal/scan-progress.ts"

describe("the line that begins a scan", () => {
  it.each([
    [{ all: 3, before: 0, now: 3 }, "Screening 3 shards"],
    [{ all: 0, before: 0, now: 0 }, "There is nothing to screen"],
    [{ all: 3, before: 1, now: 2 }, "Screening 2 of 3 shards; 1 was screened before"],
    [{ all: 3, before: 0, now: 1 }, "Screening 1 of 3 shards; 2 are not part of this run"],
    [
      { all: 1200, before: 3, now: 1196 },
      "Screening 1,196 of 1,200 shards; 3 were screened before; 1 is not part of this run",
    ],
    [{ all: 3, before: 3, now: 0 }, "All 3 shards were screened before"],
    [{ all: 1, before: 1, now: 0 }, "1 shard was screened before"],
    [{ all: 4, before: 3, now: 0 }, "Screening 0 of 4 shards; 3 were screened before; 1 is not part of this run"],
  ])("says what is screened now, what was before and what is not part of the run: %j", ({ all, before, now }, line) => {
    expect(formatWork(all, before, now)).toBe(line)
  })
})
