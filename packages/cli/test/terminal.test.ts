import { describe, expect, it } from "vitest"
import { formatBytes, formatSeconds } from "../src/terminal/numbers.ts"
import { progressLine } from "../src/terminal/progress-bar.ts"
import { formatTable } from "../src/terminal/table.ts"

const progress = {
  shardsTotal: 4,
  shardsDone: 1,
  bytesTotal: 4e9,
  bytesDone: 1e9,
  items: 12_345,
}
const FOUND = ["3 matched"]

describe("the progress line", () => {
  it("shows progress, speed, time left, and what was found", () => {
    expect(progressLine(progress, FOUND, { seconds: 10, columns: 120 })).toBe(
      "[####............]  25 %  12,345 items  1,235/s  30 s left  3 matched  1.0 GB",
    )
  })

  it.each([40, 60, 80, 200])("never fills a terminal of %i columns", (columns) => {
    expect(progressLine(progress, [...FOUND, "7 unclear"], { seconds: 10, columns }).length).toBeLessThan(columns)
  })

  it("shows no time left before it can be estimated", () => {
    expect(progressLine({ ...progress, bytesDone: 0 }, FOUND, { seconds: 0, columns: 120 })).not.toContain("left")
  })
})

describe("numbers", () => {
  it.each([
    [0, "0 B"],
    [999, "999 B"],
    [1_500, "1.5 kB"],
    [268_435_456, "268 MB"],
    [5e18, "5000 PB"],
  ])("writes %d bytes as %s", (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text)
  })

  it.each([
    [0.42, "0.4 s"],
    [59.4, "59 s"],
    [185, "3 min 5 s"],
    [7_800, "2 h 10 min"],
  ])("writes %d seconds as %s", (seconds, text) => {
    expect(formatSeconds(seconds)).toBe(text)
  })
})

it("are right-aligned in a table, and no line ends in blanks", () => {
  const table = formatTable(
    [{ heading: "Items", numeric: true }, { heading: "List" }],
    [
      ["7", "a"],
      ["1,200", ""],
    ],
  )
  expect(table).toBe("Items  List\n    7  a\n1,200\n")
})
