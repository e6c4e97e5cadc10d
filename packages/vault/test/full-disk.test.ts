import { execFileSync } from "node:child_process"
import { join } from "node:path"
import { describe, expect, it, onTestFinished } from "vitest"
import { openAuditLog, verifyAuditLog } from "../src/audit.ts"
import { openEvidenceStore, verifyEvidence } from "../src/index.ts"
import {
  collect,
  filesBelow,
  fixedClock,
  makeKeyedDigest,
  makeKeyring,
  makeSigningKey,
  sha256,
  tempDir,
} from "./support/workspace.ts"

/** A file system of a few hundred kilobytes; `undefined`, with a word, where none can be made. */
async function smallDisk(sizeKb: number): Promise<string | undefined> {
  const dir = await tempDir()
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", `size=${sizeKb}k,mode=0700`, "tmpfs", dir], { stdio: "ignore" })
  } catch {
    console.warn("skipped: mounting a small file system needs root")
    return undefined
  }
  onTestFinished(() => void execFileSync("umount", [dir]))
  return dir
}

describe("a full disk", () => {
  it("keeps what was kept, takes nothing half, and goes on once there is room", async () => {
    const disk = await smallDisk(400)
    if (disk === undefined) return
    const dir = join(disk, "evidence")
    const keyring = await makeKeyring()
    const keyedDigest = makeKeyedDigest()
    const store = await openEvidenceStore(dir, { manifest: keyring.manifest, keyedDigest, clock: fixedClock })
    const put = (n: number) => {
      const content = new Uint8Array(60_000).fill(n)
      return store.put({ evidenceId: `item-${n}`, provenance: n, content, contentSha256: sha256(content) })
    }
    let kept = 0
    const fill = async (): Promise<unknown> => {
      for (; ; kept++) await put(kept)
    }
    await expect(fill()).rejects.toMatchObject({ code: "disk_full", retryable: true })
    expect(kept).toBeGreaterThan(2)
    const verify = () => collect(verifyEvidence(dir, [keyring.custodian], { keyedDigest }))
    const whole = await verify()
    expect(whole).toHaveLength(kept)
    expect(whole.every((check) => check.ok)).toBe(true)
    const names = [...(await filesBelow(dir)).keys()].filter((path) => !path.includes(".lock"))
    expect(names).toHaveLength(2 * kept)

    execFileSync("mount", ["-o", "remount,size=2000k", disk])
    await put(kept)
    expect(await verify()).toHaveLength(kept + 1)
  })

  it("keeps the audit log whole", async () => {
    const disk = await smallDisk(64)
    if (disk === undefined) return
    const dir = join(disk, "audit")
    const { signer, verifier } = await makeSigningKey()
    const log = await openAuditLog(dir, { signer, clock: fixedClock, checkpointEvery: 10 })
    const events = Array.from({ length: 40 }, (_, n) => ({ type: "scan.started", actor: "cli", data: { items: n } }))
    const fill = async (): Promise<unknown> => {
      for (;;) await log.appendAll(events)
    }
    await expect(fill()).rejects.toMatchObject({ code: "disk_full" })
    const { ok, events: kept } = await verifyAuditLog(dir, verifier)
    expect(ok).toBe(true)
    expect(kept % 40).toBe(0)

    execFileSync("mount", ["-o", "remount,size=1000k", disk])
    await log.appendAll(events)
    await log.close()
    expect(await verifyAuditLog(dir, verifier)).toMatchObject({ ok: true, events: kept + 40, repairs: [] })
  })
})
