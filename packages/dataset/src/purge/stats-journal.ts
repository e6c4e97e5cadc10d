/**
 * Remembers which shards with counts a purge changes until the counts are written, so that a purge that was killed in
 * between and is repeated writes them all the same.
 * @module
 */
import { readFileSync } from "node:fs"
import { rm } from "node:fs/promises"
import { join } from "node:path"
import { hasCode } from "@nightlight/core"
import { writeFileAtomic } from "@nightlight/durable"
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
  /** What a killed purge of this place left behind. */
  readonly left: ReadonlySet<string>

  constructor({ keyed, layout }: Workspace, plan: DatasetPlan) {
    this.#path = join(layout.purges, `stats-${keyed.of("purge-stats", plan.root).slice(0, 32)}.json`)
    this.#withStats = new Set(statsOf(plan).flatMap(({ file }) => stemOfStats(pathOf(file)) ?? []))
    this.left = readStems(this.#path)
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
    this.#changed.add(stem)
    await this.#write()
  }

  /**
   * Forgets all shards but those whose counts could not be written.
   *
   * @throws {DependencyError} `write_failed`, `disk_full`.
   */
  async finish(unwritten: ReadonlySet<string>): Promise<void> {
    const kept = [...this.#changed].filter((stem) => unwritten.has(stem))
    if (kept.length === this.#changed.size) return
    this.#changed.clear()
    for (const stem of kept) this.#changed.add(stem)
    if (kept.length > 0) await this.#write()
    else await rm(this.#path, { force: true })
  }

  async #write(): Promise<void> {
    await writeFileAtomic(this.#path, `${JSON.stringify([...this.#changed])}\n`, 0o600)
  }
}

/** What a killed purge noted; empty where there is nothing, or nothing that can be read. */
function readStems(path: string): ReadonlySet<string> {
  try {
    const stems: unknown = JSON.parse(readFileSync(path, "utf8"))
    return new Set(Array.isArray(stems) ? stems.filter((stem) => typeof stem === "string") : [])
  } catch (error) {
    if (hasCode(error, "ENOENT") || error instanceof SyntaxError) return new Set()
    throw error
  }
}
