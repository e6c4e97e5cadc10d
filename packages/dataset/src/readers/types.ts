/**
 * Samples of items, which every reader yields. Each item names the place where its bytes can be read.
 * @module
 */
import type { InconclusiveCause } from "@nightlight/core"
import type { StatedOrigin } from "./stated-origin.ts"

/** Where an item's bytes are; the same shape as the decoder's `DecodeSource`. */
export type ItemSource =
  | { readonly kind: "file"; readonly path: string }
  | { readonly kind: "range"; readonly path: string; readonly offset: number; readonly length: number }
  | { readonly kind: "bytes"; readonly bytes: Uint8Array }
  | {
      readonly kind: "stream"
      readonly length: number
      /** @throws {DependencyError} `source_changed`, `source_unreadable`, `unavailable`. */
      readonly read: (offset: number, length: number) => Promise<Uint8Array>
      /** Stops reading and closes what is open; a later read opens it again. */
      readonly close: () => void
    }

/**
 * The role of an item in the dataset: a `member` of a sample, `metadata` of the shard (`__meta__`, `metadata.csv`), or
 * a `sidecar`, a file beside a tar or zip that describes it.
 */
export type ItemRole = "member" | "metadata" | "sidecar"

/** One piece of content of a shard. */
export interface Item {
  /** Position among all items of the shard, from 0, members of nested archives counted too. The same in every reading. */
  readonly ordinal: number
  /** Ordinal of its sample. */
  readonly sample: number
  /** Name inside the shard, `!/` before each name inside a nested archive. For the process's memory: never written unsealed. */
  readonly place: string
  /** 0 for the shard's own member, more for a member of a nested archive, which follows its container. */
  readonly depth: number
  readonly sizeBytes: number
  readonly source: ItemSource
  readonly role: ItemRole
  /** Loaders of this format skip it; it is screened all the same. */
  readonly skippedByLoaders?: true
  /** A second member of its sample with the same key and extension: loaders stop or skip here. */
  readonly duplicate?: true
  /** An archive that was opened completely: its members follow with `depth` + 1. */
  readonly opened?: true
  /** Why it can never be clear. Its bytes may still be available and be matched, unless `unread`. */
  readonly refused?: InconclusiveCause
  /** `source` has none of its bytes: there is nothing to fingerprint. Always together with `refused`. */
  readonly unread?: true
}

/** Items that a training loader joins, or that belong to one picture. Withheld as a whole. */
export interface Sample {
  /** Position by first item, from 0. Samples arrive when complete: one without a key may arrive before one begun earlier. */
  readonly ordinal: number
  /** WebDataset key, or folder and stem; the whole name where there is neither. In memory only. */
  readonly key: string
  /** In the shard's order, each container directly followed by its nested members. At least one. */
  readonly items: readonly Item[]
  /**
   * Where the format itself states its origin; otherwise a JSON member may. Several of them where several records are one
   * sample. In memory only.
   */
  readonly origins?: readonly StatedOrigin[]
  /** An origin as stated by a table beside the shard, in addition. In memory only. */
  readonly rowOrigin?: StatedOrigin
}

/** A shard being read. Dispose of it to close its files. */
export interface ShardReader extends AsyncDisposable {
  /**
   * Reads the shard from its start; may be called again.
   *
   * @throws {ShardError} `shard_malformed`, `shard_bomb`, `shard_unsafe` or `shard_limit`; samples yielded before
   * remain valid.
   * @throws {DependencyError} `source_unreadable` or `source_changed`.
   */
  samples(): AsyncIterable<Sample>
  /**
   * Reads an item's bytes again, for sealing. The caller compares their digest.
   *
   * @throws {ShardError} `shard_limit` if the item is larger than memory can hold (2 GiB) or is `unread`.
   * @throws {DependencyError} `source_unreadable` or `source_changed` if they are no longer available.
   */
  readItem(item: Item): Promise<Uint8Array>
}

/** Bounds that keep hostile shards harmless. All counts and bytes are inclusive maxima. */
export interface ReaderLimits {
  /** Items of one shard; more is `shard_limit`. */
  readonly items: number
  /** Items of one sample; more is `shard_limit`. */
  readonly sampleItems: number
  /** Bytes of one item that must be held in memory (compressed or nested ones); more is `byte_limit` for that item. */
  readonly itemBytes: number
  /** Bytes of all held items of one sample; the ones beyond are `byte_limit`. */
  readonly sampleBytes: number
  /** Bytes of one extended tar header; more is `shard_limit`. */
  readonly headerBytes: number
  /** Bytes a compressed shard may inflate to; more is `shard_bomb`. */
  readonly inflatedBytes: number
  /** Inflated to compressed, once `ratioFloorBytes` were inflated; more is a bomb. */
  readonly ratio: number
  readonly ratioFloorBytes: number
  /** Archives inside archives; deeper is `archive_limit` for the outer item. */
  readonly nestedDepth: number
  /** Members of all archives nested in one item; more is `archive_limit` for it. */
  readonly nestedItems: number
  /** Bytes of all of them together; more is `archive_limit` for it. */
  readonly nestedBytes: number
}
