/**
 * A lock between processes that share a folder.
 *
 * The lock is a series of numbered files, and the highest number counts: the lock is held while that file has its
 * holder's token in it, and free while it is empty. Once the highest is free or its holder is gone, a process takes the
 * lock by linking the next number, which the file system allows only once, and then removes the lower numbers. The
 * highest number is never removed, so a process that was slow between looking and linking finds a higher one and steps
 * back. A stale lock can therefore be taken over without two processes holding it.
 * @module
 */
import { randomBytes } from "node:crypto"
import { link, open, readdir, readFile, rename, rm, stat, truncate } from "node:fs/promises"
import { join, resolve } from "node:path"
import { setTimeout as wait } from "node:timers/promises"
import { DependencyError } from "@nightlight/core"
import { giveToFolderOwner } from "./folder-owner.ts"
import { errnoOf, toWriteError } from "./io-errors.ts"
import { ensureDirPrivate } from "./private-dir.ts"
import { processToken, tokenState } from "./process-token.ts"
import { removeStaleTemps, tempName } from "./temp-files.ts"
import { takeTurn } from "./turns.ts"

/**
 * How long a holder whose process cannot be looked up (another host, an earlier boot) keeps the lock after its last
 * heartbeat.
 */
export const FOREIGN_HOLD_MS = 60_000

/** Interval of a holder's heartbeat. */
export const HEARTBEAT_MS = 10_000

/** How long {@link holdLock} waits by default: longer than {@link FOREIGN_HOLD_MS}. */
export const LOCK_TIMEOUT_MS = 90_000

const ENTRY = /^(\d{1,15})\.lock$/

/** Options of {@link holdLock}. */
export interface LockOptions {
  /** How long to wait for another holder; {@link LOCK_TIMEOUT_MS} by default. */
  readonly timeoutMs?: number
  /** Name of the locked object in the error's message. */
  readonly lockedName?: string
  /**
   * Whether the lock's folder is removed when the lock is released, for a lock in a folder that keeps nothing else of
   * ours. What a killed process left of it has a name that begins with that of the folder and a dot.
   */
  readonly isTemporary?: boolean
}

/** A held lock. */
export interface HeldLock {
  /** Whether it is still held: a process that was suspended for more than a minute may have lost it. */
  isHeld(): Promise<boolean>
  /**
   * Releases the lock; a second call does nothing.
   *
   * @throws {DependencyError} `locked` if another process took the lock while this one was suspended for more than a
   * minute, and may have changed the protected data; `write_failed`.
   */
  release(): Promise<void>
}

/**
 * Takes a lock that excludes all other processes and other calls in this process. A killed process loses its lock at
 * once; a process of another host or an earlier boot loses it a minute after its last heartbeat.
 *
 * @param lockDir - folder used only for the lock's files; created when missing.
 * @throws {DependencyError} `locked` after `timeoutMs`; `disk_full`, `write_failed`.
 */
export async function holdLock(lockDir: string, options: LockOptions = {}): Promise<HeldLock> {
  const { timeoutMs = LOCK_TIMEOUT_MS, lockedName } = options
  const startedAt = performance.now()
  const endTurn = await takeTurn(resolve(lockDir), timeoutMs)
  if (endTurn === undefined) throw heldByAnother(timeoutMs, lockedName)
  const path = await acquireInFolder(lockDir, { timeoutMs, lockedName, startedAt }).catch((error: unknown) => {
    endTurn()
    throw toWriteError(error, "a lock")
  })
  const heartbeat = startHeartbeat(path)
  const giveBack = async () => {
    try {
      await heartbeat.stop()
      await (options.isTemporary === true ? removeLock(lockDir, path) : release(path))
    } finally {
      endTurn()
    }
  }
  let released: Promise<void> | undefined
  return {
    isHeld: () => exists(path),
    release: () => {
      released ??= giveBack()
      return released
    },
  }
}

/**
 * Runs an action under a lock.
 *
 * @throws like {@link holdLock} and the lock's `release`, and what the action throws.
 */
export async function withLock<T>(
  lockDir: string,
  action: (lock: Pick<HeldLock, "isHeld">) => Promise<T>,
  options: LockOptions = {},
): Promise<T> {
  const lock = await holdLock(lockDir, options)
  try {
    return await action(lock)
  } finally {
    await lock.release()
  }
}

/** Renews the time of a lock's file for processes that cannot look up its holder. */
function startHeartbeat(path: string): { readonly stop: () => Promise<void> } {
  let beating = Promise.resolve()
  const timer = setInterval(() => {
    beating = beating.then(() => rewrite(path, processToken()).catch(() => undefined))
  }, HEARTBEAT_MS)
  timer.unref()
  return {
    stop: () => {
      clearInterval(timer)
      // A heartbeat still being written would fill the file after it is emptied.
      return beating
    },
  }
}

/** A process that takes a lock over removes the previous holder's file. */
async function exists(path: string): Promise<boolean> {
  try {
    await stat(path)
    return true
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return false
    throw toWriteError(error, "a lock")
  }
}

async function release(path: string): Promise<void> {
  try {
    // Emptying needs no space, so a full disk cannot leave the lock held.
    await truncate(path)
  } catch (error) {
    if (errnoOf(error) === "ENOENT") throw takenOver()
    throw toWriteError(error, "a lock")
  }
}

/**
 * Moves the lock's folder away before it is removed: a process that is about to take the lock finds its own file gone
 * with it, and begins again in a new folder.
 */
async function removeLock(dir: string, path: string): Promise<void> {
  const away = `${dir}.${randomBytes(6).toString("hex")}`
  try {
    if (!(await exists(path))) throw takenOver()
    await rename(dir, away)
  } catch (error) {
    if (errnoOf(error) === "ENOENT") throw takenOver()
    throw toWriteError(error, "a lock")
  }
  await removeLeftLock(away)
}

/**
 * Removes what a released or killed lock left under another name. A process that was about to take the lock may still
 * put its file there, once.
 */
export async function removeLeftLock(dir: string): Promise<void> {
  await rm(dir, { recursive: true, force: true, maxRetries: 5 })
}

function takenOver(): DependencyError {
  return new DependencyError("locked", "another process took over the lock meanwhile")
}

/** Overwrites the start of a file, so that its time is the file system's current time. */
async function rewrite(path: string, text: string): Promise<void> {
  const handle = await open(path, "r+")
  try {
    await handle.write(text, 0)
  } finally {
    await handle.close()
  }
}

/** How long a caller waits, since when, and for what. */
interface Wanted {
  readonly timeoutMs: number
  readonly lockedName: string | undefined
  readonly startedAt: number
}

/** Makes the lock's folder where it is missing, also where a holder removes it meanwhile. */
async function acquireInFolder(dir: string, wanted: Wanted): Promise<string> {
  for (let tries = 1; ; tries++) {
    try {
      await ensureDirPrivate(dir)
      return await acquire(dir, wanted)
    } catch (error) {
      const errno = error instanceof DependencyError ? error.details["errno"] : errnoOf(error)
      if (errno !== "ENOENT" || tries === MAX_FOLDERS) throw error
    }
  }
}

/** Folders of one lock that may go before a process gives up. */
const MAX_FOLDERS = 100

/** Waits for the lock, takes it and returns the path of its file. */
async function acquire(dir: string, { timeoutMs, lockedName, startedAt }: Wanted): Promise<string> {
  const claim = join(dir, tempName())
  await writeClaim(claim)
  try {
    for (let pauseMs = 1; ; pauseMs = Math.min(pauseMs * 1.5, 25)) {
      const top = await highestNumber(dir)
      if (top === 0 || (await isFree(join(dir, `${top}.lock`), claim))) {
        if (await take(dir, claim, top + 1)) return join(dir, `${top + 1}.lock`)
        continue
      }
      if (performance.now() - startedAt > timeoutMs) {
        throw heldByAnother(timeoutMs, lockedName)
      }
      await wait(pauseMs * (0.5 + Math.random()))
    }
  } finally {
    await rm(claim, { force: true })
  }
}

function heldByAnother(timeoutMs: number, what: string | undefined): DependencyError {
  const words =
    what === undefined
      ? `another process has held the lock for ${Math.round(timeoutMs / 1000)} s`
      : `${what} is being changed by another process`
  return new DependencyError("locked", words)
}

async function writeClaim(claim: string): Promise<void> {
  const handle = await open(claim, "wx", 0o600)
  try {
    await giveToFolderOwner(handle, claim)
    await handle.writeFile(processToken())
  } finally {
    await handle.close()
  }
}

/** Links the claim as number `n`; true if that is then the highest number, so that this process holds the lock. */
async function take(dir: string, claim: string, n: number): Promise<boolean> {
  const path = join(dir, `${n}.lock`)
  try {
    await link(claim, path)
  } catch (error) {
    if (errnoOf(error) === "EEXIST") return false
    throw error
  }
  try {
    const numbers = await numbersIn(dir)
    if (numbers.some((number) => number > n)) {
      await rm(path, { force: true })
      return false
    }
    for (const number of numbers) {
      if (number < n) await rm(join(dir, `${number}.lock`), { force: true })
    }
    await removeStaleTemps(dir)
    return true
  } catch (error) {
    // The file names this running process, which does not hold the lock: no process would ever take it over.
    await truncate(path).catch(() => undefined)
    throw error
  }
}

/** Whether the highest lock file was released or its holder is gone. */
async function isFree(path: string, claim: string): Promise<boolean> {
  try {
    const token = await readFile(path, "utf8")
    if (token === "") return true
    const state = tokenState(token)
    if (state !== "elsewhere") return state === "gone"
    // Both times come from the file system's clock, which may differ from this process's clock.
    await rewrite(claim, processToken())
    return (await stat(claim)).mtimeMs - (await stat(path)).mtimeMs > FOREIGN_HOLD_MS
  } catch (error) {
    // A later holder has removed it meanwhile.
    if (errnoOf(error) === "ENOENT") return false
    throw error
  }
}

async function highestNumber(dir: string): Promise<number> {
  return Math.max(0, ...(await numbersIn(dir)))
}

async function numbersIn(dir: string): Promise<number[]> {
  return (await readdir(dir)).flatMap((name) => ENTRY.exec(name)?.[1] ?? []).map(Number)
}
