/**
 * Sorts any number of ids in bounded memory: parts are sorted and written to files, which are merged.
 * @module
 */

import { rm } from "node:fs/promises"
import { join } from "node:path"
import { setImmediate as nextTurn } from "node:timers/promises"
import { NewFile } from "@nightlight/durable"
import { UID_BYTES, UID_WORDS } from "./uid.ts"
import { FileCursor, MemoryCursor, MergedCursor, type UidCursor } from "./uid-cursor.ts"

/** Ids held in memory at once, by default: 32 MiB, and as much again while they are sorted. */
const PART_UIDS = 2 ** 21
/** Runs that are merged into one: open at once are at most this many of each size. */
const MERGED_RUNS = 128

/** Where parts are written, and how large they are. */
export interface SorterChoices {
  /** Folder for the parts, which the caller removes. */
  readonly folder: string
  /** Names the files of this sorter. */
  readonly name: string
  readonly partUids?: number
  readonly mergedRuns?: number
}

interface Run {
  readonly path: string
  readonly count: number
}

/** Ids in ascending order, open until disposed of. */
export interface SortedUids extends Disposable {
  readonly cursor: UidCursor
  /** Equal ids counted each time. */
  readonly count: number
}

/** Collects ids, and returns them in ascending order. */
export class UidSorter {
  /** The part in memory: the next id's words are put at {@link at}, and counted by {@link added}. */
  readonly words: Uint32Array
  readonly #choices: SorterChoices
  readonly #mergedRuns: number
  /** By how often their ids were merged. */
  readonly #levels: Run[][] = []
  #filled = 0
  #count = 0
  #files = 0
  #spare: Uint32Array | undefined

  constructor(choices: SorterChoices) {
    this.#choices = choices
    this.#mergedRuns = choices.mergedRuns ?? MERGED_RUNS
    this.words = new Uint32Array((choices.partUids ?? PART_UIDS) * UID_WORDS)
  }

  /** Where the words of the next id belong. */
  get at(): number {
    return this.#filled * UID_WORDS
  }

  /** Whether {@link flush} must be called before the next id. */
  get isFull(): boolean {
    return this.at === this.words.length
  }

  /** Counts the id at {@link at}. */
  added(): void {
    this.#filled++
    this.#count++
  }

  /** Writes the part in memory to a file. @throws {DependencyError} `disk_full`, `write_failed`. */
  async flush(): Promise<void> {
    const sorted = this.#sortPart()
    await this.#keep(0, new MemoryCursor(sorted, this.#filled))
    this.#filled = 0
  }

  /** Ends the collecting. @throws {DependencyError} `disk_full`, `write_failed`. */
  async sorted(): Promise<SortedUids> {
    const inMemory = new MemoryCursor(this.#sortPart(), this.#filled)
    const files: FileCursor[] = []
    const close = () => {
      for (const file of files) file[Symbol.dispose]()
    }
    try {
      for (const run of this.#levels.flat()) files.push(openRun(run))
    } catch (error) {
      close()
      throw error
    }
    return { cursor: new MergedCursor([inMemory, ...files]), count: this.#count, [Symbol.dispose]: close }
  }

  #sortPart(): Uint32Array {
    this.#spare ??= new Uint32Array(Math.min(this.words.length, Math.max(this.at, UID_WORDS)))
    if (this.#spare.length < this.at) this.#spare = new Uint32Array(this.words.length)
    return sortWords(this.words, this.#spare, this.#filled)
  }

  async #keep(level: number, ids: UidCursor): Promise<void> {
    const runs = this.#levels[level] ?? []
    this.#levels[level] = runs
    runs.push(await this.#write(ids))
    if (runs.length < this.#mergedRuns) return
    const files = runs.map(openRun)
    try {
      await this.#keep(level + 1, new MergedCursor(files))
    } finally {
      for (const file of files) file[Symbol.dispose]()
    }
    for (const { path } of runs.splice(0)) await rm(path)
  }

  async #write(ids: UidCursor): Promise<Run> {
    const path = join(this.#choices.folder, `${this.#choices.name}-${this.#files++}`)
    await using file = await NewFile.create(path, { what: "ids that are being sorted" })
    const count = await writeUids(ids, file)
    await file.finish()
    return { path, count }
  }
}

function openRun({ path, count }: Run): FileCursor {
  return new FileCursor(path, { offset: 0, count })
}

const BLOCK_UIDS = 4096

/** Writes all ids of a cursor. @returns how many. */
async function writeUids(ids: UidCursor, file: NewFile): Promise<number> {
  const words = new Uint32Array(BLOCK_UIDS * UID_WORDS)
  let filled = 0
  let count = 0
  const flush = async () => {
    await file.write(new Uint8Array(words.buffer, 0, filled * UID_BYTES))
    filled = 0
    await nextTurn()
  }
  while (ids.advance()) {
    for (let word = 0; word < UID_WORDS; word++) words[filled * UID_WORDS + word] = ids.words[ids.at + word] as number
    filled++
    count++
    if (filled === BLOCK_UIDS) await flush()
  }
  if (filled > 0) await flush()
  return count
}

/** Order in which words count, the least first. */
const LEAST_FIRST = [2, 3, 0, 1] as const
const DIGIT_BITS = 16
const DIGIT_VALUES = 2 ** DIGIT_BITS

/** Sorts ids digit by digit, moving them between two arrays. @returns the one that they are in. */
function sortWords(words: Uint32Array, spare: Uint32Array, count: number): Uint32Array {
  const end = count * UID_WORDS
  const places = new Uint32Array(DIGIT_VALUES)
  let [from, to] = [words, spare]
  for (const word of LEAST_FIRST) {
    for (const shift of [0, DIGIT_BITS]) {
      const digitAt = (at: number) => ((from[at + word] as number) >>> shift) & (DIGIT_VALUES - 1)
      places.fill(0)
      for (let at = 0; at < end; at += UID_WORDS) {
        const digit = digitAt(at)
        places[digit] = (places[digit] as number) + 1
      }
      // A digit that all of them share moves nothing.
      if (places.includes(count)) continue
      let place = 0
      for (let digit = 0; digit < DIGIT_VALUES; digit++) {
        const own = places[digit] as number
        places[digit] = place
        place += own
      }
      for (let at = 0; at < end; at += UID_WORDS) {
        const digit = digitAt(at)
        const next = places[digit] as number
        places[digit] = next + 1
        const target = next * UID_WORDS
        to[target] = from[at] as number
        to[target + 1] = from[at + 1] as number
        to[target + 2] = from[at + 2] as number
        to[target + 3] = from[at + 3] as number
      }
      const sorted = to
      to = from
      from = sorted
    }
  }
  return from
}
