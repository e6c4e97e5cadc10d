import { mkdirSync, rmSync } from "node:fs"
import { join } from "node:path"
import { makeWorkspace } from "@nightlight/dev-env/guard/workspace"
import { expect, it } from "vitest"
import type { CheckContext } from "../src/checks/check.ts"
import { createHashMatch } from "../src/checks/hash-match/hash-match.ts"
import { openLiveLists } from "../src/lists/live-lists.ts"

it("an untrusted newer index is reported for as long as it is there", async () => {
  await using workspace = await makeWorkspace()
  const { indexDir, verifier } = workspace.guard
  const lists = await openLiveLists({ indexDir, verifier, checkEveryMs: 5 })
  const { version = 0 } = lists.state()
  const newer = join(indexDir, `v${String(version + 1).padStart(6, "0")}`)
  mkdirSync(newer)
  await expect.poll(() => lists.state().fault).toBe("index_untrusted")
  expect(lists.state().version).toBe(version)
  rmSync(newer, { recursive: true })
  await expect.poll(() => lists.state().fault).toBeUndefined()
  await lists.close()
})

it("pictures count as screened by the index that was used, not by an earlier one", async () => {
  await using workspace = await makeWorkspace()
  const { indexDir, verifier, policy } = workspace.guard
  const lists = await openLiveLists({ indexDir, verifier })
  const check = createHashMatch({
    name: "lists",
    policy,
    deadlineMs: 1_000,
    maxBytes: 1,
    // The state before the last real list was taken out.
    lists: { ...lists, state: () => ({ screens: true }) },
    fingerprinter: { fingerprint: () => Promise.reject(new Error("no picture is given")) },
  })
  const context: CheckContext = {
    exchange: "exchange-1",
    endpoint: "chat",
    direction: "input",
    caller: { id: "app", trusted: true },
  }
  expect(await check.run([], context, new AbortController().signal)).toEqual({ signals: [], screened: false })
  await lists.close()
})
