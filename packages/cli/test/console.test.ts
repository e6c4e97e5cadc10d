import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import { afterAll, describe, expect, it } from "vitest"
import { findConsole } from "../src/up/console.ts"

const parent = await mkdtemp(join(tmpdir(), "nightlight-console-"))
afterAll(() => rm(parent, { recursive: true, force: true }))

describe("findConsole", () => {
  it("names the folder of the page that the console's package exports", async () => {
    const page = join(parent, "index.html")
    await writeFile(page, "")
    expect(await findConsole(() => pathToFileURL(page).href)).toBe(parent)
  })

  it.each([
    [
      "the package is not installed",
      () => {
        throw new Error("no such package")
      },
    ],
    ["the console is not built", () => pathToFileURL(join(parent, "none.html")).href],
    ["the package is no file", () => "https://localhost/index.html"],
  ])("finds nothing where %s", async (_, resolve) => {
    expect(await findConsole(resolve)).toBeUndefined()
  })
})
