import { dirname, join } from "node:path"
import { writeFileAtomic, writeFileExclusive } from "@nightlight/durable"
import { describe, expect, it } from "vitest"
import { openAuditLog } from "../src/audit.ts"
import { openEvidenceStore } from "../src/index.ts"
import { type Step, traceFs } from "./support/fs-trace.ts"
import { fixedClock, makeKeyedDigest, makeKeyring, makeSigningKey, sha256, tempDir } from "./support/workspace.ts"

/** Changes that a power cut at the end could undo, in words; none if all is on disk. The lock's files may go. */
function atRisk(steps: readonly Step[]): string[] {
  const dirtyFiles = new Set<string>()
  const dirtyDirs = new Set<string>()
  const found: string[] = []
  for (const { did, path, to } of steps) {
    if (path.includes(".lock")) continue
    if (did === "write") dirtyFiles.add(path)
    if (did === "sync") {
      dirtyFiles.delete(path)
      dirtyDirs.delete(path)
    }
    if (to === undefined) continue
    if (dirtyFiles.has(path)) found.push("named before its content was on disk")
    dirtyDirs.add(dirname(to))
  }
  for (const _ of dirtyFiles) found.push("content not on disk")
  for (const _ of dirtyDirs) found.push("name not on disk")
  return found
}

describe("what was said to be written", () => {
  it("is on disk: a file", async () => {
    const dir = await tempDir()
    const steps = await traceFs()
    await writeFileAtomic(join(dir, "a"), "text", 0o600)
    expect(steps.map(({ did }) => did)).toEqual(["write", "sync", "rename", "sync"])
    await writeFileExclusive(join(dir, "b"), "text", 0o600)
    expect(atRisk(steps)).toEqual([])
  })

  it("is on disk: evidence with its row", async () => {
    const { manifest } = await makeKeyring()
    const dir = await tempDir()
    const store = await openEvidenceStore(dir, { manifest, keyedDigest: makeKeyedDigest(), clock: fixedClock })
    const steps = await traceFs()
    const content = new Uint8Array(200_000)
    await store.put({ evidenceId: "item-1", provenance: null, content, contentSha256: sha256(content) })
    expect(steps.filter(({ to }) => to !== undefined && !to.includes(".lock")).map(({ to }) => to)).toEqual([
      join(dir, "it", "item-1.age"),
      join(dir, "it", "item-1.json"),
    ])
    expect(atRisk(steps)).toEqual([])
  })

  it("is on disk: events and checkpoints, with the names of new files", async () => {
    const { signer } = await makeSigningKey()
    const dir = join(await tempDir(), "audit")
    const checkpointCopy = join(await tempDir(), "copy.ndjson")
    const log = await openAuditLog(dir, { signer, clock: fixedClock, checkpointCopy })
    const steps = await traceFs()
    await log.append({ type: "scan.started", actor: "cli" })
    expect(atRisk(steps)).toEqual([])
    expect(steps.filter(({ did, path }) => did === "sync" && path === dir)).toHaveLength(1)
    await log.append({ type: "scan.finished", actor: "cli" })
    await log.close()
    expect(atRisk(steps)).toEqual([])
    expect(steps.filter(({ did, path }) => did === "sync" && path === dirname(checkpointCopy))).toHaveLength(1)
  })
})
