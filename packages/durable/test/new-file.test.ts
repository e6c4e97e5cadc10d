import { createHash } from "node:crypto"
import { readdir, readFile, stat, writeFile } from "node:fs/promises"
import { join } from "node:path"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { NewFile, writeNewFile } from "../src/index.ts"
import { tempDir } from "./support/temp-dir.ts"

const what = "a test's file"

describe("a new file", () => {
  it("contains the written and appended bytes in order, and is digested while it is written", async () => {
    const dir = await tempDir()
    const pieces = fc.array(fc.tuple(fc.boolean(), fc.integer({ min: 0, max: 1_400_000 })), { maxLength: 6 })
    let count = 0
    await fc.assert(
      fc.asyncProperty(pieces, async (sizes) => {
        const path = join(dir, String(count++))
        const expected: Buffer[] = []
        await using file = await NewFile.create(path, { what })
        for (const [appends, size] of sizes) {
          const bytes = Buffer.alloc(size, expected.length + 1)
          if (appends) file.append(bytes)
          else await file.write(bytes)
          expected.push(Buffer.from(bytes))
          bytes.fill(0)
        }
        const whole = Buffer.concat(expected)
        expect(file.sizeBytes).toBe(whole.length)
        const sha256 = createHash("sha256").update(whole).digest("hex")
        expect(await file.finish()).toEqual({ sizeBytes: whole.length, sha256 })
        expect((await readFile(path)).equals(whole)).toBe(true)
      }),
      { numRuns: 15 },
    )
  })

  it("is removed unless it is finished", async () => {
    const dir = await tempDir()
    {
      await using file = await NewFile.create(join(dir, "half"), { what })
      await file.write(Buffer.from("half"))
    }
    expect(await readdir(dir)).toEqual([])
    {
      await using file = await NewFile.create(join(dir, "new"), { what, mode: 0o640 })
      await file.finish()
      await file.moveTo(join(dir, "named"))
    }
    expect(await readdir(dir)).toEqual(["named"])
    expect((await stat(join(dir, "named"))).mode & 0o777).toBe(0o640)
  })

  it("does not replace an existing file, and its error does not name the path", async () => {
    const path = join(await tempDir(), "canary")
    await writeFile(path, "old")
    const error: unknown = await writeNewFile(path, "new", { what }).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: "write_failed", details: { errno: "EEXIST" } })
    expect(String(error)).not.toContain("canary")
    expect(await readFile(path, "utf8")).toBe("old")
  })
})
