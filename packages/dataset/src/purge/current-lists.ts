/**
 * The hash lists as they are while a purge runs, opened once a table is searched by them.
 * @module
 */
import { NightlightError, UNREAD } from "@nightlight/core"
import { type LoadedIndex, matchFingerprint } from "@nightlight/screening"
import type { ColumnModule } from "../containers/parquet/addresses/column-module.ts"
import { digestsOf, type SampleProvenance, urlsOf } from "../scan/provenance.ts"
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
  readonly #items: readonly Pick<KnownItem, "itemDigest" | "stated">[]
  #index: Promise<LoadedIndex | undefined> | undefined

  constructor(workspace: Workspace, items: readonly Pick<KnownItem, "itemDigest" | "stated">[]) {
    this.#workspace = workspace
    this.#items = items
  }

  /** Undefined where the lists cannot be used: every row is looked at then. */
  async open(): Promise<SearchedLists | undefined> {
    const index = await this.#open()
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

  /** Whether an address or a digest that a sample states is in a list that is no test list. False without usable lists. */
  async state(stated: readonly SampleProvenance[]): Promise<boolean> {
    const index = await this.#open()
    if (index === undefined) return false
    const options = { declaredDigests: stated.flatMap(digestsOf), urls: stated.flatMap(urlsOf) }
    return matchFingerprint(UNREAD, index, options).matches.some(({ trust }) => trust !== "test")
  }

  #open(): Promise<LoadedIndex | undefined> {
    this.#index ??= this.#workspace.openIndex().catch((error: unknown) => {
      if (error instanceof NightlightError) return undefined
      throw error
    })
    return this.#index
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await (await this.#index)?.close()
  }
}
