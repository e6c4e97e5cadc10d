/**
 * The command that starts a child with as little as the system lets us leave it.
 * @module
 */
import { realpathSync } from "node:fs"
import type { Isolation } from "@nightlight/core"
import type { DecoderLimits } from "../limits.ts"
import { bwrapArguments } from "./bwrap.ts"
import { codeFolders, SYSTEM_PATHS } from "./code-folders.ts"
import type { Confinement, ReadRoot } from "./confinement.ts"
import { unshareArguments } from "./unshare.ts"

/** How to start one child. */
export interface ChildCommand {
  readonly file: string
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
  /**
   * Where a system-call filter is to be loaded: the arguments of the process that loads it, which becomes that of `file`,
   * and how many of them stand before the program that it may start.
   */
  readonly filter?: { readonly loader: readonly string[]; readonly before: number }
}

/** The child's whole environment: nothing of ours goes with it. */
function environment(inFlight: number): Readonly<Record<string, string>> {
  return {
    LANG: "C",
    TZ: "UTC",
    // Every decode has a thread that waits for it, and one of libvips' that decodes.
    UV_THREADPOOL_SIZE: `${inFlight}`,
    // An arena for each of these: with fewer they wait for one another.
    MALLOC_ARENA_MAX: `${2 * inFlight}`,
    // One frame's pixels after another: memory below this stays for the next one instead of going back page by page.
    MALLOC_MMAP_THRESHOLD_: "33554432",
    MALLOC_TRIM_THRESHOLD_: "67108864",
    VIPS_CONCURRENCY: "1",
    // Above the threshold libvips would write a picture's pixels to a file.
    VIPS_DISC_THRESHOLD: "1024g",
    VIPS_BLOCK_UNTRUSTED: "1",
  }
}

/** Files and sockets a child may hold: its pipes, one file a lane, the loader's. */
const MOST_FILES = 128

/** Blocks of 512 bytes that the table of a root may take; the file system that it is on has no more. */
const TABLE_BLOCKS = 2048

/** Seconds of CPU; a child is replaced long before. */
const MOST_CPU_SECONDS = 7200

/** Writable memory beyond the resident limit that a child maps without using it: thread stacks, heap reserves. */
const UNUSED_MEMORY_BYTES = 1024 * 1024 * 1024

/**
 * Batch scheduling for the shell and whatever it becomes: libvips' threads wake one another after every strip of a
 * picture, and each wake-up would take the processor from the one that is decoding. Saves a tenth of a decode.
 */
const BATCH = "chrt -b -p 0 $$"

/** What a child is started for. */
export interface ChildNeeds {
  readonly limits: DecoderLimits
  /** Items that it decodes at once. */
  readonly inFlight: number
  readonly roots: readonly ReadRoot[]
}

/** Builds the command for a child that runs `entry`. */
export function childCommand(entry: string, isolation: Isolation, needs: ChildNeeds): ChildCommand {
  const env = environment(needs.inFlight)
  const node = realpathSync(process.execPath)
  const confinement = { code: [node, ...codeFolders(entry)], roots: needs.roots, env }
  const launcher = launcherOf(isolation, confinement)
  const inner = [...launcher, node, ...nodeFlags(entry), ...permissions(isolation, confinement), entry]
  const command = { file: "/bin/sh", args: ["-c", limitsScript(needs.limits, isolation), "sh", ...inner], env }
  return isolation === "bwrap+seccomp" ? { ...command, filter: { loader: inner, before: launcher.length } } : command
}

function launcherOf(isolation: Isolation, confinement: Confinement): readonly string[] {
  switch (isolation) {
    case "bwrap+seccomp":
      return bwrapArguments(confinement, true)
    case "bwrap":
      return bwrapArguments(confinement, false)
    case "unshare":
      return unshareArguments(confinement)
    case "none":
      return []
  }
}

/**
 * Limits that the shell sets and whatever it becomes inherits. A file size of zero: no file can be written to. Where a
 * script makes the root it writes a table into it first, and sets that limit itself.
 */
function limitsScript({ maxMemoryBytes }: DecoderLimits, isolation: Isolation): string {
  const mostFileBlocks = isolation === "unshare" ? TABLE_BLOCKS : 0
  const dataKilobytes = Math.ceil((maxMemoryBytes + UNUSED_MEMORY_BYTES) / 1024)
  const optional = [`ulimit -d ${dataKilobytes}`, `ulimit -t ${MOST_CPU_SECONDS}`, BATCH].map(
    (line) => `${line} 2>/dev/null`,
  )
  return [
    `ulimit -c 0 && ulimit -f ${mostFileBlocks} && ulimit -n ${MOST_FILES} || exit 126`,
    ...optional,
    'exec "$@"',
  ].join("; ")
}

function nodeFlags(entry: string): string[] {
  const flags = [
    // A small nursery: what a scan allocates in JavaScript is tiny, and pixels are given back by hand.
    "--max-semi-space-size=4",
    "--max-old-space-size=256",
    // So small a heap is collected sooner than threads are woken to help, and every core has a child already.
    "--single-threaded-gc",
    "--no-warnings",
  ]
  // Otherwise any process of the same user could open the inspector by a signal.
  if (process.allowedNodeEnvironmentFlags.has("--disable-sigusr1")) flags.push("--disable-sigusr1")
  if (entry.endsWith(".ts")) flags.push("--conditions=@nightlight/source")
  return flags
}

/**
 * Node's permission model: JavaScript in the child starts no process and no thread, and writes nothing. It holds
 * JavaScript alone, not what takes over a library.
 */
function permissions(isolation: Isolation, { code, roots }: Confinement): string[] {
  const named = [...SYSTEM_PATHS, "/proc/self", ...code, ...roots.flatMap(({ real, seenAs }) => [real, seenAs])]
  const readable = isolation === "none" ? [...new Set(named)] : ["*"]
  return ["--permission", "--allow-addons", ...readable.map((path) => `--allow-fs-read=${path}`)]
}
