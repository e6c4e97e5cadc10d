/**
 * The workspace's index of lists while it is in use: the newest that passes its checks; every second it looks for a
 * newer one.
 * @module
 */
import { compact, DependencyError, hasCode, type Verifier } from "@nightlight/core"
import { IndexInUse, indexVersions, type LoadedIndex, openIndex } from "@nightlight/screening"
import { repeat } from "../running/repeat.ts"

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
  readonly checkEveryMs?: number
}

/**
 * Opens the newest index.
 *
 * @throws {IntegrityError} `index_untrusted`, `test_card_missed` when there is none to start with.
 */
export async function openLiveLists({
  indexDir,
  verifier,
  checkEveryMs = 1_000,
}: LiveListsOptions): Promise<LiveLists> {
  let held: IndexInUse | undefined = await hold(1)
  let fault: string | undefined

  async function hold(minimumVersion: number): Promise<IndexInUse> {
    return new IndexInUse(await openIndex({ indexDir }, { verifier, minimumVersion }))
  }

  async function check(): Promise<void> {
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
      await current.retire()
    } catch (error) {
      fault = hasCode(error, "index_older") ? "index_older" : "index_untrusted"
    }
  }

  const checking = repeat(checkEveryMs, check)
  return {
    use: async (work) => {
      const own = held
      if (own === undefined) throw new DependencyError("unavailable", "no index of the hash lists is live")
      return await own.use(work)
    },
    state: () =>
      compact({
        screens: held?.index.lists.some(({ trust }) => trust !== "test") ?? false,
        version: held?.index.version,
        fault,
      }),
    close: async () => {
      await checking.close()
      const last = held
      held = undefined
      await last?.retire()
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
