/**
 * The hash lists as they are while a purge runs, opened once a table is searched by them.
 * @module
 */
import { NightlightError } from "@nightlight/core"
import type { LoadedIndex } from "@nightlight/screening"
import type { ColumnModule } from "../containers/parquet/addresses/column-module.ts"
import { columnModuleOf } from "../scan/screen-columns.ts"
import type { Workspace } from "../workspace/workspace.ts"
import type { KnownItem } from "./known-items.ts"

/** What a table is searched by. */
export interface SearchedLists {
  readonly module: ColumnModule
  /**
   * Whether a row with this item would be found by its address or digest: the entry that it matched is still in the
   * list. Rows with the same item state the same.
   *
   * @param itemDigest - Keyed digest of the item.
   */
  readonly covers: (itemDigest: string) => boolean
}

/** Opens the lists at most once. Dispose of it to close them. */
export class CurrentLists implements AsyncDisposable {
  readonly #workspace: Workspace
  readonly #items: readonly KnownItem[]
  #index: Promise<LoadedIndex | undefined> | undefined

  constructor(workspace: Workspace, items: readonly KnownItem[]) {
    this.#workspace = workspace
    this.#items = items
  }

  /** Undefined where the lists cannot be used: every row is looked at then. */
  async open(): Promise<SearchedLists | undefined> {
    this.#index ??= this.#workspace.openIndex().catch((error: unknown) => {
      if (error instanceof NightlightError) return undefined
      throw error
    })
    const index = await this.#index
    const module = index && columnModuleOf(index)
    if (index === undefined || module === undefined) return undefined
    const snapshots = new Map(index.lists.map(({ name, snapshot }) => [name, snapshot]))
    const covered = new Set(
      this.#items.flatMap(({ itemDigest, stated }) =>
        stated.some(({ list, snapshot }) => snapshots.get(list) === snapshot) ? [itemDigest] : [],
      ),
    )
    return { module, covers: (itemDigest) => covered.has(itemDigest) }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await (await this.#index)?.close()
  }
}
