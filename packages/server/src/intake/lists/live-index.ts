/**
 * The server's own snapshot of all lists: the newest index that passed every check, replaced while it is in use.
 * @module
 */

import { type Clock, compact, DependencyError, NightlightError, shareRun, type Verifier } from "@nightlight/core"
import { IndexInUse, indexVersions, type LoadedIndex, openIndex } from "@nightlight/screening"
import type { lazily } from "../../platform/lazily.ts"
import type { IndexFloor } from "./floor.ts"

/** Dependencies of {@link openLiveIndex}. */
export interface LiveIndexDeps {
  /** Folder of the index's versions. */
  readonly indexDir: string
  /** Of the workspace's signing key. */
  readonly verifier: Verifier
  readonly clock: Clock
  readonly floor: IndexFloor
  /** Called once for each version that is refused, with its code; the earlier index stays live. */
  readonly onRefused: (refused: { readonly code: string; readonly version: number }) => Promise<void>
}

/** State of the server's index. */
export interface LiveIndexState {
  /** Version in use; absent if there is none, so that nothing can be screened. */
  readonly version?: number
  /** Why the version in the folder was refused. */
  readonly fault?: string
  /** Whether it contains a list that is no test list. */
  readonly screens: boolean
}

/** The index that screens now. Opens newer versions by itself. */
export interface LiveIndex {
  /**
   * Runs work on the newest index, which stays open until the work has ended, even if another one goes live meanwhile.
   *
   * @throws {DependencyError} `unavailable` if no index is live.
   */
  use<Result>(work: (index: LoadedIndex) => Promise<Result>): Promise<Result>
  /** Checks for a newer index, and opens it. {@link use} does so on its own, at most once a second. */
  refresh(): Promise<void>
  state(): LiveIndexState
  /** Closes the index once nobody uses it. */
  close(): Promise<void>
}

/** Whether an index contains a list other than test cards. */
function hasRealList({ lists }: LoadedIndex): boolean {
  return lists.some(({ trust }) => trust !== "test")
}

const CHECK_EVERY_MS = 1000
/** A refused version is tried again after this time: its files may have been restored. */
const RETRY_REFUSED_MS = 60_000

/** Opens the newest index, if it passes its checks; else {@link LiveIndex.state} gives the reason. */
export async function openLiveIndex(deps: LiveIndexDeps): Promise<LiveIndex> {
  const { indexDir, verifier, clock, floor, onRefused } = deps
  let held: IndexInUse | undefined
  let refused: { readonly version: number; readonly code: string; readonly atMs: number; isTold: boolean } | undefined
  let checkedAtMs = Number.NEGATIVE_INFINITY
  const checking = shareRun(check)

  async function check(): Promise<void> {
    const nowMs = clock.now().getTime()
    checkedAtMs = nowMs
    const version = newestVersion()
    if (version === held?.index.version) {
      refused = undefined
      return
    }
    if (refused?.version === version && refused.isTold && Math.abs(nowMs - refused.atMs) < RETRY_REFUSED_MS) return
    const minimumVersion = Math.max(1, held?.index.version ?? 0, await floor.read())
    let index: LoadedIndex
    try {
      index = await openIndex({ indexDir }, { verifier, minimumVersion })
    } catch (error) {
      if (!(error instanceof NightlightError)) throw error
      await reportRefused({ version, code: error.code }, nowMs)
      return
    }
    await goLive(index)
  }

  async function reportRefused(
    { version, code }: { readonly version: number; readonly code: string },
    nowMs: number,
  ): Promise<void> {
    const isTold = refused?.version === version && refused.code === code && refused.isTold
    const now = { version, code, atMs: nowMs, isTold }
    refused = now
    if (isTold) return
    await onRefused({ code, version })
    now.isTold = true
  }

  function newestVersion(): number {
    try {
      return indexVersions(indexDir).at(-1) ?? 0
    } catch {
      return 0
    }
  }

  async function goLive(index: LoadedIndex): Promise<void> {
    try {
      await floor.raise(index.version, hasRealList(index))
    } catch (error) {
      await index.close()
      throw error
    }
    const before = held
    held = new IndexInUse(index)
    refused = undefined
    await before?.retire()
  }

  // The database may answer later: until then nothing is live.
  await checking.start().catch(() => undefined)
  return {
    use: async (work) => {
      if (Math.abs(clock.now().getTime() - checkedAtMs) >= CHECK_EVERY_MS) {
        const checked = checking.start()
        // Callers that have an index do not wait for the next one to load.
        if (held === undefined) await checked
        else checked.catch(() => undefined)
      }
      const own = held
      if (own === undefined) {
        throw new DependencyError("unavailable", "no index of the lists is live: nothing can be screened")
      }
      return await own.use(work)
    },
    refresh: checking.start,
    state: () =>
      compact({
        screens: held !== undefined && hasRealList(held.index),
        version: held?.index.version,
        fault: refused?.code,
      }),
    close: async () => {
      await checking.current?.catch(() => undefined)
      const last = held
      held = undefined
      await last?.retire()
    },
  }
}

/** A live index that is opened at its first use; until then it screens nothing. */
export function lazyIndex(index: ReturnType<typeof lazily<LiveIndex>>): LiveIndex {
  let opened: LiveIndex | undefined
  const get = async () => {
    opened = await index()
    return opened
  }
  return {
    use: async (work) => (await get()).use(work),
    refresh: async () => (await get()).refresh(),
    state: () => opened?.state() ?? { screens: false },
    close: async () => (await index.opened()?.catch(() => undefined))?.close(),
  }
}
