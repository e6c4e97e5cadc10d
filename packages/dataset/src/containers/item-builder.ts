/**
 * Turns members into items: numbers them, opens archives inside them, and enforces the shard's limits.
 * @module
 */
import { setImmediate as nextTurn } from "node:timers/promises"
import { compact, type InconclusiveCause, ShardError } from "@nightlight/core"
import type { StatedOrigin } from "../readers/stated-origin.ts"
import type { Item, ItemRole, ItemSource, ReaderLimits, Sample } from "../readers/types.ts"
import { type Expansion, expandArchive, expandFiles } from "./nested.ts"

/** A member as a reader found it, not yet numbered. */
export interface FoundMember {
  readonly place: string
  readonly sizeBytes: number
  readonly source: ItemSource
  readonly role: ItemRole
  readonly skippedByLoaders?: true
  readonly duplicate?: true
  readonly refused?: InconclusiveCause
  readonly unread?: true
  /** Its whole bytes, where it looks like an archive that is to be opened. */
  readonly archive?: Uint8Array
  /** Files that its reader found in it. */
  readonly inside?: readonly InnerFile[]
  /** Its reader knows its format, and all of it is in the files inside. */
  readonly opened?: true
}

/** A file inside a member. */
export interface InnerFile {
  /** Its name or path within the member. */
  readonly name: string
  readonly bytes: Uint8Array
}

/** A sample under construction. */
export interface OpenSample {
  readonly ordinal: number
  readonly key: string
  readonly items: Item[]
  readonly origins?: readonly StatedOrigin[]
  /** Bytes of its items that are held in memory. */
  heldBytes: number
}

/** Source of an item whose bytes are not available. */
export const NOTHING: ItemSource = { kind: "bytes", bytes: new Uint8Array() }

/** Numbers the samples and items of one reading of a shard. */
export class ItemBuilder {
  readonly #limits: ReaderLimits
  readonly #signal: AbortSignal
  #samples = 0
  #items = 0
  #passed = 0

  constructor(limits: ReaderLimits, signal: AbortSignal) {
    this.#limits = limits
    this.#signal = signal
  }

  /** Aborts the reading. */
  get signal(): AbortSignal {
    return this.#signal
  }

  begin(key: string, stated: readonly StatedOrigin[] = []): OpenSample {
    const origins = stated.length === 0 ? undefined : stated
    return { ordinal: this.#samples++, key, items: [], ...compact({ origins }), heldBytes: 0 }
  }

  /** Counts samples of one item each that become no sample here: their ordinals are not given to others. */
  pass(count: number): void {
    this.#signal.throwIfAborted()
    this.#samples += count
    this.#items += count
    this.#passed += count
  }

  /** A sample of one member. */
  async single(key: string, member: FoundMember, origins?: readonly StatedOrigin[]): Promise<Sample> {
    const sample = this.begin(key, origins)
    await this.add(sample, member)
    return sample
  }

  /**
   * Adds a member to a sample, followed by the members inside it.
   *
   * @throws {ShardError} `shard_limit` if the sample or the shard has too many items.
   */
  async add(sample: OpenSample, { archive, inside = [], ...member }: FoundMember): Promise<void> {
    this.#signal.throwIfAborted()
    const index = sample.items.length
    this.#push(sample, { ...member, depth: 0 })
    sample.heldBytes += archive?.length ?? (member.source.kind === "bytes" ? member.source.bytes.length : 0)
    if (archive === undefined && inside.length === 0) return
    const { opened, refused, members } = await this.#expand(sample, { place: member.place, archive, inside })
    for (const { bytes, ...nested } of members) {
      this.#push(sample, { ...nested, source: { kind: "bytes", bytes }, role: member.role })
    }
    // The container itself is added once the result of opening it is known.
    const container0 = sample.items[index]
    if (container0 === undefined) return
    if (opened) sample.items[index] = { ...container0, opened: true }
    if (refused !== undefined) sample.items[index] = { ...container0, refused: container0.refused ?? refused }
  }

  /** Opens a member that is an archive, or the files found inside one that is not. */
  async #expand(
    sample: OpenSample,
    found: { readonly place: string; readonly archive: Uint8Array | undefined; readonly inside: readonly InnerFile[] },
  ): Promise<Expansion> {
    const { place, archive, inside } = found
    const limits = this.#limits
    const budget = { items: limits.nestedItems, bytes: Math.min(limits.nestedBytes, this.#room(sample)) }
    const before = budget.bytes
    const expansion =
      archive === undefined
        ? await expandFiles({ place, files: inside }, limits, budget, this.#signal)
        : await expandArchive({ place, depth: 0, bytes: archive }, limits, budget, this.#signal)
    sample.heldBytes += before - budget.bytes
    return expansion
  }

  /** Whether this many more bytes of a sample may be held in memory. */
  mayHold(sample: OpenSample | undefined, sizeBytes: number): boolean {
    const room = sample === undefined ? this.#limits.sampleBytes : this.#room(sample)
    return sizeBytes <= Math.min(this.#limits.itemBytes, room)
  }

  #room(sample: OpenSample): number {
    return Math.max(0, this.#limits.sampleBytes - sample.heldBytes)
  }

  #push(sample: OpenSample, item: Omit<Item, "ordinal" | "sample">): void {
    if (this.#items - this.#passed >= this.#limits.items)
      throw new ShardError("shard_limit", "a shard has too many items")
    if (sample.items.length >= this.#limits.sampleItems) {
      throw new ShardError("shard_limit", "a sample has too many items")
    }
    sample.items.push({ ...item, ordinal: this.#items++, sample: sample.ordinal })
  }
}

/** Yields to the event loop at intervals in a loop that reads synchronously. */
export async function yieldEvery512(count: number): Promise<void> {
  if (count % 512 === 0) await nextTurn()
}
