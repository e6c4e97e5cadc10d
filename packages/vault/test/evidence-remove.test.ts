import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, expect, it } from "vitest"
import { removeFiles } from "../src/evidence/remove.ts"

const dir = mkdtempSync(join(tmpdir(), "nightlight-remove-"))
afterEach(() => rmSync(dir, { recursive: true, force: true }))

it("removes sealed file and row, says whether anything was there, and may be repeated", async () => {
  const paths = [join(dir, "a.age"), join(dir, "a.json")]
  for (const path of paths) writeFileSync(path, "sealed")
  expect(await removeFiles(dir, paths)).toBe(true)
  expect(paths.filter(existsSync)).toEqual([])
  expect(await removeFiles(dir, paths)).toBe(false)
})
