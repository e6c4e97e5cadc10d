import { execFileSync } from "node:child_process"
import fs, { chmod, mkdir, readdir, readFile, rm, stat, utimes, writeFile } from "node:fs/promises"
import { syncBuiltinESMExports } from "node:module"
import { join } from "node:path"
import { describe, expect, it, onTestFinished, vi } from "vitest"
import { openAuditLog, verifyAuditLog } from "../src/audit.ts"
import { HEARTBEAT_MS } from "../src/durable/lock.ts"
import { processToken, tokenState } from "../src/durable/process-token.ts"
import {
  ensureDirPrivate,
  holdLock,
  removeStaleTemps,
  tempName,
  withLock,
  writeFileAtomic,
  writeFileExclusive,
} from "../src/durable.ts"
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

const gone = processToken().replace(/-\d+-\d+$/, "-4194304-1")
const elsewhere = processToken().replace(/^[0-9a-f]{12}/, "0123456789ab")

describe("an atomic write", () => {
  it("replaces a file whole and leaves nothing beside it", async () => {
    const dir = await tempDir()
    const path = join(dir, "file")
    await writeFileAtomic(path, "one", 0o600)
    await writeFileAtomic(path, new Uint8Array([0x74, 0x77, 0x6f]), 0o640)
    expect(await readFile(path, "utf8")).toBe("two")
    expect((await stat(path)).mode & 0o777).toBe(0o640)
    expect(await readdir(dir)).toEqual(["file"])
  })

  it("leaves the old file and nothing else when it fails", async () => {
    const dir = await tempDir()
    await mkdir(join(dir, "taken", "full"), { recursive: true })
    await expect(writeFileAtomic(join(dir, "taken"), "x", 0o600)).rejects.toMatchObject({ code: "write_failed" })
    await expect(writeFileAtomic(join(dir, "none", "x"), "x", 0o600)).rejects.toMatchObject({
      code: "write_failed",
      details: { errno: "ENOENT" },
    })
    expect(await readdir(dir)).toEqual(["taken"])
  })

  it("lets exactly one of many have a name", async () => {
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

describe("temporary files", () => {
  it("go once their process is gone, stay while it runs, and stay a day when nothing is known of it", async () => {
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

  it("tell a running process from one that is gone, was followed by another of its number, or is elsewhere", () => {
    expect(tokenState(processToken())).toBe("running")
    expect(tokenState(processToken().replace(/-\d+$/, "-1"))).toBe("gone")
    expect(tokenState(gone)).toBe("gone")
    expect(tokenState(elsewhere)).toBe("elsewhere")
    expect(tokenState("anything")).toBe("elsewhere")
  })
})

describe("a lock", () => {
  it("lets one in at a time, in this process too, and stays after a failure", async () => {
    const dir = join(await tempDir(), ".lock")
    let inside = 0
    let most = 0
    const enter = (n: number): Promise<number> =>
      withLock(dir, async () => {
        most = Math.max(most, ++inside)
        await Promise.resolve()
        inside--
        if (n % 3 === 0) throw new Error("action failed")
        return n
      })
    const ends = await Promise.allSettled(Array.from({ length: 20 }, (_, n) => enter(n)))
    expect(most).toBe(1)
    expect(ends.filter((end) => end.status === "fulfilled")).toHaveLength(13)
    expect((await readdir(dir)).length).toBe(1)
  })

  it("is taken over from a process that is gone, and from an unknown one only after a minute", async () => {
    const dir = join(await tempDir(), ".lock")
    await ensureDirPrivate(dir)
    await writeFile(join(dir, "7.lock"), gone)
    expect(await withLock(dir, () => Promise.resolve("in"))).toBe("in")

    await writeFile(join(dir, "9.lock"), elsewhere)
    await expect(withLock(dir, () => Promise.resolve(), { timeoutMs: 0 })).rejects.toMatchObject({ code: "locked" })
    const past = Date.now() / 1000 - 120
    await utimes(join(dir, "9.lock"), past, past)
    expect(await withLock(dir, () => Promise.resolve("in"), { timeoutMs: 0 })).toBe("in")
  })

  it("is not entered by one who was slow between looking and taking", async () => {
    const dir = join(await tempDir(), ".lock")
    await withLock(dir, () => Promise.resolve())
    const looked = Promise.withResolvers<void>()
    const goOn = Promise.withResolvers<void>()
    const linked = Promise.withResolvers<void>()
    holdUpNextLink(async (link) => {
      looked.resolve()
      await goOn.promise
      await link()
      linked.resolve()
    })
    const entered: string[] = []
    const slow = withLock(dir, () => Promise.resolve(entered.push("slow")))
    await looked.promise
    await withLock(dir, () => Promise.resolve())
    await withLock(dir, async () => {
      goOn.resolve()
      await linked.promise
      // Number 2 was taken, left and removed since it looked: it takes it again, and must see that 3 is there.
      while (entered.length === 0 && (await readdir(dir)).includes("2.lock"));
      expect(entered).toEqual([])
    })
    await slow
    expect(entered).toEqual(["slow"])
  })

  it("is free again when taking it failed half-way", async () => {
    const lock = join(await tempDir(), "lock")
    const inTheWay = join(lock, tempName().replace(processToken(), gone))
    await mkdir(inTheWay, { recursive: true })
    await chmod(lock, 0o700)
    await expect(withLock(lock, async () => "in")).rejects.toThrow()
    await rm(inTheWay, { recursive: true })
    expect(await withLock(lock, async () => "in", { timeoutMs: 0 })).toBe("in")
  })

  it("shows other hosts that its holder still works", async () => {
    const dir = join(await tempDir(), ".lock")
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] })
    onTestFinished(() => void vi.useRealTimers())
    await withLock(dir, async () => {
      const past = Date.now() / 1000 - 50
      await utimes(join(dir, "1.lock"), past, past)
      vi.advanceTimersByTime(HEARTBEAT_MS)
      while ((await stat(join(dir, "1.lock"))).mtimeMs < Date.now() - 40_000);
      vi.advanceTimersByTime(HEARTBEAT_MS)
    })
    // The last sign did not fill the file that was emptied.
    expect(await readFile(join(dir, "1.lock"), "utf8")).toBe("")
  })

  it("tells a holder that was suspended too long that it lost it", async () => {
    const dir = join(await tempDir(), ".lock")
    await expect(withLock(dir, () => rm(join(dir, "1.lock")))).rejects.toMatchObject({ code: "locked" })
  })

  it("can be held beyond a call, and is given back once", async () => {
    const dir = join(await tempDir(), ".lock")
    const first = await holdLock(dir)
    expect(await first.isHeld()).toBe(true)
    await expect(holdLock(dir, { timeoutMs: 0 })).rejects.toMatchObject({ code: "locked" })
    await first.release()
    const second = await holdLock(dir, { timeoutMs: 0 })
    await first.release()
    expect([await first.isHeld(), await second.isHeld()]).toEqual([false, true])
    await expect(holdLock(dir, { timeoutMs: 0 })).rejects.toMatchObject({ code: "locked" })
    await second.release()
  })

  it("keeps a second holder out however long it works", async () => {
    const dir = join(await tempDir(), ".lock")
    await withLock(dir, async () => {
      await expect(withLock(dir, () => Promise.resolve(), { timeoutMs: 20 })).rejects.toMatchObject({ code: "locked" })
    })
  })
})

/** Puts something around the next hard link that this process makes. */
function holdUpNextLink(around: (link: () => Promise<void>) => Promise<void>): void {
  const real = fs.link
  const restore = (): void => {
    fs.link = real
    syncBuiltinESMExports()
  }
  onTestFinished(restore)
  fs.link = (from, to) => {
    restore()
    return around(() => real(from, to))
  }
  syncBuiltinESMExports()
}

describe("a private folder", () => {
  it("is made with its parents, narrowed while empty, and refused when used and open", async () => {
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
