/**
 * The workspace's index of lists while it is in use: the newest that passes its checks; every second it looks for a
 * newer one.
 * @module
 */
import { compact, DependencyError, hasCode, shareRun, type Verifier } from "@nightlight/core"
import { indexVersions, type LoadedIndex, openIndex } from "@nightlight/screening"

/** Access to the newest index. */
export interface LiveLists {
  /**
   * Runs work on the newest index, which stays open until the work has ended.
   *
   * @throws {DependencyError} `unavailable` when no index is live.
   */
  use<Result>(work: (index: LoadedIndex) => Promise<Result>): Promise<Result>
  state(): LiveListsState
  close(): Promise<void>
}

/** State of the index. */
export interface LiveListsState {
  readonly version?: number
  /** Whether it holds a list that is not a test list. */
  readonly screens: boolean
  /** Code of the reason why a newer one was refused; the previous one stays live. */
  readonly fault?: string
}

/** The index's folder, its verifier and the interval of checks. */
export interface LiveListsOptions {
  readonly indexDir: string
  readonly verifier: Verifier
  /** Milliseconds between two looks at the folder. */
  readonly lookEveryMs?: number
}

interface Held {
  readonly index: LoadedIndex
  users: number
  isOld: boolean
}

/**
 * Opens the newest index.
 *
 * @throws {IntegrityError} `index_untrusted`, `test_card_missed` when there is none to start with.
 */
export async function openLiveLists({ indexDir, verifier, lookEveryMs = 1_000 }: LiveListsOptions): Promise<LiveLists> {
  let held: Held | undefined = await hold(1)
  let fault: string | undefined

  async function hold(minimumVersion: number): Promise<Held> {
    return { index: await openIndex({ indexDir }, { verifier, minimumVersion }), users: 0, isOld: false }
  }

  async function look(): Promise<void> {
    const current = held
    if (current === undefined) return
    if (newestIn(indexDir) === current.index.version) {
      // The refused one is not there any more.
      fault = undefined
      return
    }
    try {
      const next = await hold(current.index.version)
      if (next.index.version === current.index.version) return await next.index.close()
      held = next
      fault = undefined
      current.isOld = true
      if (current.users === 0) await current.index.close()
    } catch (error) {
      fault = hasCode(error, "index_older") ? "index_older" : "index_untrusted"
    }
  }

  const looking = shareRun(look)
  const timer = setInterval(() => {
    void looking.start()
  }, lookEveryMs)
  timer.unref()
  return {
    use: async (work) => {
      const own = held
      if (own === undefined) throw new DependencyError("unavailable", "no index of the hash lists is live")
      own.users++
      try {
        return await work(own.index)
      } finally {
        own.users--
        if (own.isOld && own.users === 0) await own.index.close()
      }
    },
    state: () =>
      compact({
        screens: held?.index.lists.some(({ trust }) => trust !== "test") ?? false,
        version: held?.index.version,
        fault,
      }),
    close: async () => {
      clearInterval(timer)
      await looking.current
      const last = held
      held = undefined
      if (last === undefined) return
      last.isOld = true
      if (last.users === 0) await last.index.close()
    },
  }
}

function newestIn(indexDir: string): number | undefined {
  try {
    return indexVersions(indexDir).at(-1)
  } catch {
    return undefined
  }
}
