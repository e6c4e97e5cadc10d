import { readFileSync, writeFileSync } from "node:fs"
import { oneObject, runCommand } from "@nightlight/dev-env/command/run-command"
import { describe, expect, it, onTestFinished } from "vitest"
import { keepMemoryFromCoreDumps } from "../src/terminal/core-dumps.ts"

const FILTER = "/proc/self/coredump_filter"

describe.skipIf(process.platform !== "linux")("a core dump", () => {
  it("contains no memory of a command, and doctor reports that", async () => {
    const before = readFileSync(FILTER, "utf8")
    onTestFinished(() => writeFileSync(FILTER, `0x${before.trim()}`))

    keepMemoryFromCoreDumps()

    expect(Number.parseInt(readFileSync(FILTER, "utf8"), 16)).toBe(0)
    const { checks } = oneObject(await runCommand(["doctor", "--json"])) as {
      checks: { name: string; state: string }[]
    }
    expect(checks.find(({ name }) => name === "core dumps")).toMatchObject({ state: "ok" })
    expect(checks.find(({ name }) => name === "decoder")).toMatchObject({
      words: expect.stringMatching(/isolation \S+:/),
    })
  })
})
