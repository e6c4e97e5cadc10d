/**
 * Remembers which shards with counts a purge changes until the counts are written, so that a purge that was killed in
 * between and is repeated writes them all the same.
 * @module
 */
import { readFileSync } from "node:fs"
import { open, rm } from "node:fs/promises"
import { join } from "node:path"
import { hasCode, tryParseJson } from "@nightlight/core"
import { toWriteError, writeAll, writeFileAtomic } from "@nightlight/durable"
import { shardName } from "../containers/index.ts"
import type { DatasetPlan, ShardPlan } from "../plan/types.ts"
import { pathOf } from "../readers/paths.ts"
import type { Workspace } from "../workspace/workspace.ts"
import { statsOf, stemOfStats } from "./stats.ts"

/** The names of the shards with counts, without their endings, relative to the dataset's root. */
export class StatsJournal {
  readonly #path: string
  readonly #withStats: ReadonlySet<string>
  readonly #changed: Set<string>
  #isThere: boolean
  /** What a killed purge of this place left behind. */
  readonly left: ReadonlySet<string>

  constructor({ keyed, layout }: Workspace, plan: DatasetPlan) {
    this.#path = join(layout.purges, `stats-${keyed.of("purge-stats", plan.root).slice(0, 32)}.ndjson`)
    this.#withStats = new Set(statsOf(plan).flatMap(({ file }) => stemOfStats(pathOf(file)) ?? []))
    const noted = readStems(this.#path)
    this.#isThere = noted !== undefined
    this.left = noted ?? new Set()
    this.#changed = new Set(this.left)
  }

  /**
   * Notes a shard before it is changed.
   *
   * @throws {DependencyError} `write_failed`, `disk_full`.
   */
  async begin({ layout, path }: ShardPlan): Promise<void> {
    if (layout !== "packed") return
    const { stem } = shardName(path)
    if (!this.#withStats.has(stem) || this.#changed.has(stem)) return
    if (this.#isThere) await append(this.#path, lineOf(stem))
    else await writeFileAtomic(this.#path, lineOf(stem), 0o600)
    this.#isThere = true
    this.#changed.add(stem)
  }

  /**
   * Forgets all shards but those whose counts could not be written.
   *
   * @throws {DependencyError} `write_failed`, `disk_full`.
   */
  async finish(unwritten: ReadonlySet<string>): Promise<void> {
    if (!this.#isThere) return
    const kept = [...this.#changed].filter((stem) => unwritten.has(stem))
    if (kept.length === 0) await rm(this.#path, { force: true })
    else if (kept.length < this.#changed.size) await writeFileAtomic(this.#path, kept.map(lineOf).join(""), 0o600)
    this.#isThere = kept.length > 0
    this.#changed.clear()
    for (const stem of kept) this.#changed.add(stem)
  }
}

/** A line apart from what was cut off before it, and from what will be behind it: a power cut may leave zeros there. */
const lineOf = (stem: string): string => `\n${JSON.stringify(stem)}\n`

/** Appends to the file and waits until that is on disk. @throws {DependencyError} `write_failed`, `disk_full`. */
async function append(path: string, text: string): Promise<void> {
  try {
    await using file = await open(path, "a")
    await writeAll(file, Buffer.from(text))
    await file.sync()
  } catch (error) {
    throw toWriteError(error, "a file")
  }
}

/** What a killed purge noted, without a line that was cut off; undefined where there is no file. */
function readStems(path: string): ReadonlySet<string> | undefined {
  try {
    const stems = readFileSync(path, "utf8").split("\n").map(tryParseJson)
    return new Set(stems.filter((stem) => typeof stem === "string"))
  } catch (error) {
    if (hasCode(error, "ENOENT")) return undefined
    throw error
  }
}
