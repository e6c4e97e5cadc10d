import { mkdirSync, rmSync } from "node:fs"
import { join } from "node:path"
import { expect, it } from "vitest"
import { openLiveLists } from "../src/lists/live-lists.ts"
import { makeWorkspace } from "./support/workspace.ts"

it("tells of a newer index that is not to be trusted, for as long as it is there", async () => {
  await using workspace = await makeWorkspace()
  const { indexDir, verifier } = workspace.guard
  const lists = await openLiveLists({ indexDir, verifier, lookEveryMs: 5 })
  const { version = 0 } = lists.state()
  const newer = join(indexDir, `v${String(version + 1).padStart(6, "0")}`)
  mkdirSync(newer)
  await expect.poll(() => lists.state().fault).toBe("index_untrusted")
  expect(lists.state().version).toBe(version)
  rmSync(newer, { recursive: true })
  await expect.poll(() => lists.state().fault).toBeUndefined()
  await lists.close()
})
