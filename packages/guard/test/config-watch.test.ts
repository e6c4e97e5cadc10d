import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { expect, it, onTestFinished } from "vitest"
import { digestFiles, watchFiles } from "../src/config/watch.ts"

it("notices a file that was changed between its loading and the end of the reload", async () => {
  const dir = mkdtempSync(join(tmpdir(), "nl-watch-"))
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
  const path = join(dir, "file")
  writeFileSync(path, "one")
  let loads = 0
  const watch = watchFiles(5, async (seen) => {
    // Loaded; and then it changes again.
    if (++loads === 1) writeFileSync(path, "three")
    watch.follow(await digestFiles([path], seen))
  })
  onTestFinished(() => watch.close())
  watch.follow(await digestFiles([path]))
  writeFileSync(path, "two")
  await expect.poll(() => loads).toBe(2)
})
