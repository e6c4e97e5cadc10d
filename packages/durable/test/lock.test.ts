import { spawn } from "node:child_process"
import { once } from "node:events"
import fs, { chmod, mkdir, readdir, readFile, rm, stat, symlink, utimes, writeFile } from "node:fs/promises"
import { syncBuiltinESMExports } from "node:module"
import { join } from "node:path"
import { describe, expect, it, onTestFinished, vi } from "vitest"
import { ensureDirPrivate, holdLock, removeLeftLock, tempName, withLock } from "../src/index.ts"
import { HEARTBEAT_MS } from "../src/lock.ts"
import { processToken } from "../src/process-token.ts"
import { tempDir } from "./support/temp-dir.ts"

const gone = processToken().replace(/-\d+-\d+$/, "-4194304-1")
const CHILD = new URL("./support/lock-child.ts", import.meta.url).pathname
const elsewhere = processToken().replace(/^[0-9a-f]{12}/, "0123456789ab")

describe("a lock", () => {
  it("admits one holder at a time, also within a process and after a failed action", async () => {
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

  it("is taken over from an ended process at once, and from an unknown one only after a minute", async () => {
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

  it("is not entered by a process that was slow between looking and taking", async () => {
    const folder = await tempDir()
    const dir = join(folder, ".lock")
    // By another path, as another process would: callers of one process by the same path take turns.
    await symlink(folder, join(folder, "alias"))
    const other = join(folder, "alias", ".lock")
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
    await withLock(other, () => Promise.resolve())
    await withLock(other, async () => {
      goOn.resolve()
      await linked.promise
      // Number 2 was taken, released and removed meanwhile: the process links it again, and must notice number 3.
      while (entered.length === 0 && (await readdir(dir)).includes("2.lock"));
      expect(entered).toEqual([])
    })
    await slow
    expect(entered).toEqual(["slow"])
  })

  it("is free again after taking it failed half-way", async () => {
    const lock = join(await tempDir(), "lock")
    const inTheWay = join(lock, tempName().replace(processToken(), gone))
    await mkdir(inTheWay, { recursive: true })
    await chmod(lock, 0o700)
    await expect(withLock(lock, async () => "in")).rejects.toThrow()
    await rm(inTheWay, { recursive: true })
    expect(await withLock(lock, async () => "in", { timeoutMs: 0 })).toBe("in")
  })

  it("admits one process at a time when many find a dead holder's lock", async () => {
    const dir = await tempDir()
    const lock = join(dir, ".lock")
    await ensureDirPrivate(lock)
    await writeFile(join(lock, "7.lock"), gone)
    const children = Array.from({ length: 4 }, () =>
      spawn(process.execPath, ["-C", "@nightlight/source", CHILD, lock, join(dir, "busy")], { stdio: "ignore" }),
    )
    const exits = await Promise.all(children.map(async (child) => (await once(child, "exit"))[0] as number))
    expect(exits).toEqual([0, 0, 0, 0])
    expect(await readdir(dir)).toEqual([".lock"])
  })

  it("is taken by callers of one process in the order in which they asked", async () => {
    const dir = join(await tempDir(), ".lock")
    const order: number[] = []
    await Promise.all(Array.from({ length: 50 }, (_, n) => withLock(dir, async () => order.push(n))))
    expect(order).toEqual(Array.from({ length: 50 }, (_, n) => n))
  })

  it("passes over a caller of the same process that stopped waiting", async () => {
    const dir = join(await tempDir(), ".lock")
    const first = await holdLock(dir)
    await expect(holdLock(dir, { timeoutMs: 5, lockedName: "list a" })).rejects.toMatchObject({ code: "locked" })
    const third = holdLock(dir)
    await first.release()
    await (await third).release()
  })

  it("names the locked object in the error for a caller that does not wait", async () => {
    const dir = join(await tempDir(), ".lock")
    await withLock(dir, async () => {
      await expect(withLock(dir, async () => "in", { timeoutMs: 0, lockedName: "list a" })).rejects.toMatchObject({
        code: "locked",
        retryable: true,
        message: "list a is being changed by another process",
      })
    })
  })

  it("shows other hosts that its holder still runs", async () => {
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
    // The last heartbeat did not fill the emptied file.
    expect(await readFile(join(dir, "1.lock"), "utf8")).toBe("")
  })

  it("reports its loss to a holder that was suspended too long", async () => {
    const dir = join(await tempDir(), ".lock")
    await expect(withLock(dir, () => rm(join(dir, "1.lock")))).rejects.toMatchObject({ code: "locked" })
  })

  it("can be held across calls, and is released once", async () => {
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

  it("leaves no folder behind although another process was about to take it", async () => {
    const left = join(await tempDir(), "left")
    await mkdir(left)
    await Promise.all(Array.from({ length: 300 }, (_, n) => writeFile(join(left, `${n}`), "")))
    let isGone = false
    const removed = removeLeftLock(left).finally(() => {
      isGone = true
    })
    for (let late = 0; late < 100 && !isGone; late++) {
      await writeFile(join(left, `late-${late}`), "").catch(() => undefined)
    }
    await removed
    await expect(stat(left)).rejects.toMatchObject({ code: "ENOENT" })
  })

  it("keeps a second holder out however long it works", async () => {
    const dir = join(await tempDir(), ".lock")
    await withLock(dir, async () => {
      await expect(withLock(dir, () => Promise.resolve(), { timeoutMs: 20 })).rejects.toMatchObject({ code: "locked" })
    })
  })
})

/** Wraps the next hard link that this process makes. */
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
