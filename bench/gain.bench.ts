/**
 * A list of ten million entries gains a thousand: until they are in a live index, and until a scan's process has opened it.
 * @module
 */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { type ListSource, systemClock } from "@nightlight/core"
import { addToWorkspaceList, importWorkspaceList, initWorkspace, openWorkspace } from "@nightlight/dataset"
import type { BenchRow } from "./row.ts"
import { randomHashes } from "./scan-material.ts"

const ENTRIES = 10_000_000
const GAINED = 1_000

/** Measures the gain, and opening the index with it. */
export async function benchGain(): Promise<BenchRow[]> {
  const folder = mkdtempSync(join(tmpdir(), "nightlight-bench-gain-"))
  try {
    await initWorkspace(folder, {
      custody: "locate",
      basis: null,
      custodians: [],
      passphrase: "bench bench bench",
      workFactor: 10,
    })
    const workspace = await openWorkspace(folder, systemClock)
    await importWorkspaceList(workspace, hashes(ENTRIES, 1), { name: "large", trust: "trusted" }, {})
    const gained = await secondsOf(() => addToWorkspaceList(workspace, hashes(GAINED, 2), { name: "large" }, {}))
    const opened = await secondsOf(async () => {
      await using _ = await workspace.openIndex()
    })
    return [
      {
        what: "a list of 10 M gains 1,000 entries, live in an index",
        measured: `${gained.toFixed(2)} s`,
        atLeast: "<= 1 s",
        ok: gained <= 1,
        note: "the list's files are checked against their digests, only the new entries are written and indexed",
      },
      {
        what: "the index with them opened by a new scan",
        measured: `${opened.toFixed(2)} s`,
        atLeast: "<= 1 s",
        ok: opened <= 1,
        note: "1.7 GB read and checked; a scan fingerprints its first items meanwhile",
      },
    ]
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function hashes(count: number, seed: number): ListSource {
  return Object.assign(randomHashes(count, seed), { sourceSha256: undefined })
}

async function secondsOf(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now()
  await work()
  return (performance.now() - startedAt) / 1_000
}
