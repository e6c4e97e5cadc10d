/**
 * `nightlight scan --plan`: one task of a planned scan, or the merge of all.
 * @module
 */
import { readFile } from "node:fs/promises"
import { resolve } from "node:path"
import { text as textOf } from "node:stream/consumers"
import { compact, DependencyError, EXIT, type ExitCode, hasCode, inert, RequestError } from "@nightlight/core"
import type { MergeResult, ScanWatcher, SealedPlan, TaskPart, TaskResult } from "@nightlight/dataset/scan"
import type { Workspace } from "@nightlight/dataset/workspace"
import type { Io } from "../terminal/io.ts"
import { countOf } from "../terminal/numbers.ts"
import { openScanProgress } from "../terminal/scan-progress.ts"
import { print } from "./context.ts"

/** Options of a planned scan. */
export interface TaskFlags {
  readonly plan?: string
  readonly rank?: number | "auto"
  readonly shards?: string
  readonly merge?: boolean
  readonly exclude?: readonly string[]
  readonly limit?: number
  readonly stopAfter?: number
  readonly out?: string
  readonly keepOrientations?: boolean
  readonly dryRun?: boolean
  readonly estimate?: boolean
  readonly price?: number
  readonly failOn?: string
  readonly server?: string
  readonly keyFile?: string
  readonly json?: boolean
  readonly quiet?: boolean
}

/** Options that a plan has fixed, or that ask for something else than a part of it. */
const NOT_OF_A_PLAN = {
  "--exclude": "exclude",
  "--limit": "limit",
  "--out": "out",
  "--keep-orientations": "keepOrientations",
  "--dry-run": "dryRun",
  "--estimate": "estimate",
  "--price": "price",
} as const satisfies Readonly<Record<string, keyof TaskFlags>>

/** Options that only the merge of a plan takes. */
const OF_THE_MERGE = {
  "--fail-on": "failOn",
  "--server": "server",
  "--key-file": "keyFile",
} as const satisfies Readonly<Record<string, keyof TaskFlags>>

/**
 * Whether the options ask for a planned scan.
 *
 * @throws {RequestError} `input_invalid` for options that do not go together.
 */
export function isTask(flags: TaskFlags, inputs: readonly string[]): boolean {
  const { plan, rank, shards, merge } = flags
  const parts = [rank, shards, merge].filter((part) => part !== undefined).length
  if (plan === undefined) {
    if (parts > 0) throw new RequestError("input_invalid", "--rank, --shards and --merge apply only with --plan")
    if (inputs.length === 0)
      throw new RequestError("input_invalid", "expected an input: a folder, shards or a brace list")
    return false
  }
  if (inputs.length > 0) throw new RequestError("input_invalid", "a plan names its own input: leave it out")
  if (parts !== 1) throw new RequestError("input_invalid", "--plan needs one of --rank, --shards and --merge")
  const fixed = optionsGiven(flags, NOT_OF_A_PLAN)
  if (fixed.length > 0) {
    throw new RequestError("input_invalid", `with --plan, leave out ${fixed.join(", ")}`, {
      hint: "nightlight plan has fixed what is screened, how, and where the clean copy goes.",
    })
  }
  const ofTheMerge = merge === true ? [] : optionsGiven(flags, OF_THE_MERGE)
  if (ofTheMerge.length > 0) {
    throw new RequestError("input_invalid", `with --plan, give ${ofTheMerge.join(", ")} to the merge only`)
  }
  return true
}

function optionsGiven(flags: TaskFlags, options: Readonly<Record<string, keyof TaskFlags>>): readonly string[] {
  return Object.entries(options).flatMap(([option, name]) => (flags[name] === undefined ? [] : [option]))
}

/** What a task works with. */
interface TaskPlace {
  readonly workspace: Workspace
  readonly io: Io
}

/** Runs one task of a plan, prints its result and returns its exit code. */
export async function scanTask(place: TaskPlace, flags: TaskFlags): Promise<ExitCode> {
  const { workspace, io } = place
  const { runTask } = await import("@nightlight/dataset/scan")
  const sealed = await readPlan(place, flags)
  const part = await partOf(flags, io)
  const display = await openScanProgress(io, flags.quiet === true)
  const request = { sealed, part, options: compact({ stopAfter: flags.stopAfter }) }
  const result = await runTask(workspace, request, display.watcher, io.signal).finally(() => display.close())
  if (flags.shards !== undefined) io.out(shardLines(result))
  else if (flags.quiet !== true || flags.json === true) {
    print(io, flags.json, result, () => formatTask(result, sealed))
  }
  return taskExit(result)
}

/** Merges the tasks of a plan. */
export async function mergePlan(place: TaskPlace, flags: TaskFlags, watcher: ScanWatcher): Promise<MergeResult> {
  const { mergeTasks } = await import("@nightlight/dataset/scan")
  const sealed = await readPlan(place, flags)
  return mergeTasks(place.workspace, { sealed, options: {} }, watcher, place.io.signal)
}

async function readPlan({ workspace, io }: TaskPlace, { plan = "" }: TaskFlags): Promise<SealedPlan> {
  const { readTaskPlan } = await import("@nightlight/dataset/scan")
  return readTaskPlan(resolve(io.cwd, plan), workspace.verifier)
}

async function partOf({ rank, shards }: TaskFlags, io: Io): Promise<TaskPart> {
  if (shards !== undefined) {
    const paths = (await readShards(shards, io)).split("\n").map((line) => line.replace(/\r$/, ""))
    return { paths: paths.filter((path) => path !== "") }
  }
  const { rankFromEnvironment } = await import("@nightlight/dataset/scan")
  return { rank: rank === undefined || rank === "auto" ? rankFromEnvironment(io.env) : rank }
}

async function readShards(file: string, io: Io): Promise<string> {
  if (file === "-") return textOf(process.stdin)
  return readFile(resolve(io.cwd, file), "utf8").catch((error: unknown) => {
    if (hasCode(error, "ENOENT"))
      throw new RequestError("not_found", `the file ${file}, which --shards names, does not exist`)
    throw new DependencyError("source_unreadable", `the file ${file} cannot be read`, { cause: error })
  })
}

/** One JSON object in each line, for a program that pipes shards through. */
function shardLines({ done, failed }: TaskResult): string {
  return [
    ...done.map(({ path, poison, items, withheldSamples }) =>
      compact({
        shard: path,
        state: poison === undefined ? "screened" : "poison",
        code: poison,
        items,
        withheldSamples,
      }),
    ),
    ...failed.map(({ path, code }) => ({ shard: path, state: "failed", code })),
  ]
    .map((line) => `${JSON.stringify(line)}\n`)
    .join("")
}

function formatTask({ scan, rank, done, failed }: TaskResult, { plan }: SealedPlan): string {
  const whose = rank === undefined ? "" : `, rank ${rank} of ${plan.world}`
  const poison = done.filter((shard) => shard.poison !== undefined)
  return [
    `${scan}${whose}: ${countOf(done.length, "shard")} done, ${countOf(failed.length, "shard")} failed.`,
    ...poison.map(({ path, poison }) => `Set aside ${inert(path)}: ${poison}`),
    ...failed.map(({ path, code }) => `Failed    ${inert(path)}: ${code}`),
    "",
  ].join("\n")
}

/** Names the ranks with shards that are not done. */
export function formatUnfinished(ranks: readonly number[]): string {
  if (ranks.length === 0) return ""
  return `\nUnfinished ranks, to be run again before the next merge: ${ranks.join(",")}\n`
}

/** Decides a task's exit code: the most urgent result counts. */
export function taskExit({ done, failed, stopped, screened }: TaskResult): ExitCode {
  if (stopped) return EXIT.stopped
  if (failed.length > 0) return EXIT.retryable
  if (done.some(({ poison }) => poison !== undefined)) return EXIT.poisonShard
  return screened ? EXIT.done : EXIT.unscreened
}
