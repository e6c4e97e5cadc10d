import { chmod, mkdir, readdir, readFile, stat, utimes, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { ensureDirPrivate, removeStaleTemps, tempName, writeFileAtomic, writeFileExclusive } from "../src/index.ts"
import { processToken, tokenState } from "../src/process-token.ts"
import { tempDir } from "./support/temp-dir.ts"

const gone = processToken().replace(/-\d+-\d+$/, "-4194304-1")
const elsewhere = processToken().replace(/^[0-9a-f]{12}/, "0123456789ab")

describe("an atomic write", () => {
  it("replaces the whole file and leaves no temporary file", async () => {
    const dir = await tempDir()
    const path = join(dir, "file")
    await writeFileAtomic(path, "one", 0o600)
    await writeFileAtomic(path, new Uint8Array([0x74, 0x77, 0x6f]), 0o640)
    expect(await readFile(path, "utf8")).toBe("two")
    expect((await stat(path)).mode & 0o777).toBe(0o640)
    expect(await readdir(dir)).toEqual(["file"])
  })

  it("leaves only the old file when it fails", async () => {
    const dir = await tempDir()
    await mkdir(join(dir, "taken", "full"), { recursive: true })
    await expect(writeFileAtomic(join(dir, "taken"), "x", 0o600)).rejects.toMatchObject({ code: "write_failed" })
    await expect(writeFileAtomic(join(dir, "none", "x"), "x", 0o600)).rejects.toMatchObject({
      code: "write_failed",
      details: { errno: "ENOENT" },
    })
    expect(await readdir(dir)).toEqual(["taken"])
  })

  it("lets exactly one of many writers create a name", async () => {
    const dir = await tempDir()
    const path = join(dir, "file")
    const tries = Array.from({ length: 10 }, (_, n) => writeFileExclusive(path, String(n), 0o600).then(() => String(n)))
    const settled = await Promise.allSettled(tries)
    const won = settled.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []))
    expect(won).toEqual([await readFile(path, "utf8")])
    for (const one of settled) {
      if (one.status === "rejected") expect(one.reason).toMatchObject({ code: "state_conflict" })
    }
    expect(await readdir(dir)).toEqual(["file"])
  })
})

describe("temporary files and process tokens", () => {
  it("are removed once their process is gone, kept while it runs, and kept for a day when its state is unknown", async () => {
    const dir = await tempDir()
    const [mine, theirs, old] = [tempName(), `.tmp-${elsewhere}-0123456789ab`, `.tmp-${elsewhere}-ba9876543210`]
    for (const name of [mine, theirs, old, `.tmp-${gone}-0123456789ab`, "other", ".tmp-x"])
      await writeFile(join(dir, name), "")
    const days = Date.now() / 1000 - 2 * 86_400
    await utimes(join(dir, old), days, days)
    await utimes(join(dir, "other"), days, days)
    expect(await removeStaleTemps(dir)).toBe(2)
    expect((await readdir(dir)).sort()).toEqual([mine, theirs, "other", ".tmp-x"].sort())
  })

  it("distinguish a running process from one that ended, whose id was reused, or that is elsewhere", () => {
    expect(tokenState(processToken())).toBe("running")
    expect(tokenState(processToken().replace(/-\d+$/, "-1"))).toBe("gone")
    expect(tokenState(gone)).toBe("gone")
    expect(tokenState(elsewhere)).toBe("elsewhere")
    expect(tokenState("anything")).toBe("elsewhere")
  })
})

describe("a private folder", () => {
  it("is created with its parents, restricted when empty, and refused when it has content and is open to others", async () => {
    const dir = join(await tempDir(), "a", "b")
    await ensureDirPrivate(dir)
    expect((await stat(dir)).mode & 0o777).toBe(0o700)
    await chmod(dir, 0o777)
    await ensureDirPrivate(dir)
    expect((await stat(dir)).mode & 0o777).toBe(0o700)
    await writeFile(join(dir, "file"), "")
    await ensureDirPrivate(dir)
    await chmod(dir, 0o711)
    await expect(ensureDirPrivate(dir)).rejects.toMatchObject({ code: "config_invalid" })
    for (const path of [join(dir, "file"), join(dir, "file", "below")]) {
      await expect(ensureDirPrivate(path)).rejects.toMatchObject({ code: "config_invalid" })
    }
  })
})
