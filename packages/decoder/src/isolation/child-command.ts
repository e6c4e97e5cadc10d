/**
 * The command that starts a child with as little access as the system permits.
 * @module
 */
import { realpathSync } from "node:fs"
import type { Isolation } from "@nightlight/core"
import type { DecoderLimits } from "../limits.ts"
import { bwrapArguments } from "./bwrap.ts"
import { codeFolders, SYSTEM_PATHS } from "./code-folders.ts"
import type { Confinement, ReadRoot } from "./confinement.ts"
import { unshareArguments } from "./unshare.ts"

/** A command that starts a child. */
export interface ChildCommand {
  readonly file: string
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
  /**
   * Present where a system-call filter is to be loaded: the arguments of the loading process, which replaces that of
   * `file`, and how many of them precede the program that it may start.
   */
  readonly filter?: { readonly loader: readonly string[]; readonly before: number }
}

/** The child's complete environment; nothing of the parent's is passed on. */
function environment(inFlight: number): Readonly<Record<string, string>> {
  return {
    LANG: "C",
    TZ: "UTC",
    // Every decode has a waiting thread and one decoding thread of libvips.
    UV_THREADPOOL_SIZE: `${inFlight}`,
    // One memory arena for each of these threads; with fewer they wait for one another.
    MALLOC_ARENA_MAX: `${2 * inFlight}`,
    // Memory below this is kept for the next frame's pixels instead of being returned page by page.
    MALLOC_MMAP_THRESHOLD_: "33554432",
    MALLOC_TRIM_THRESHOLD_: "67108864",
    VIPS_CONCURRENCY: "1",
    // Above this threshold, libvips would write a picture's pixels to a file.
    VIPS_DISC_THRESHOLD: "1024g",
    VIPS_BLOCK_UNTRUSTED: "1",
  }
}

/** Most open files and sockets of a child: its pipes, one file per lane, and the loader's. */
const MAX_FILES = 128

/** Largest table of a root, in blocks of 512 bytes; its file system has no more. */
const TABLE_BLOCKS = 2048

/** Limit on CPU time, seconds; a child is replaced long before. */
const MAX_CPU_SECONDS = 7200

/** Writable memory that a child maps but does not use, beyond the resident limit: thread stacks, heap reserves. */
const UNUSED_MEMORY_BYTES = 1024 * 1024 * 1024

/**
 * Batch scheduling for the shell and the program that replaces it. Threads of libvips wake one another after every
 * strip of a picture, and each wake-up would interrupt the decoding thread. Saves a tenth of a decode.
 */
const BATCH = "chrt -b -p 0 $$"

/** Requirements of a child. */
export interface ChildNeeds {
  readonly limits: DecoderLimits
  /** Items that it decodes concurrently. */
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
 * Limits that the shell sets and the replacing program inherits. The file size limit is zero, so that no file can be
 * written. A script that makes the root first writes a table, and sets that limit itself.
 */
function limitsScript({ maxMemoryBytes }: DecoderLimits, isolation: Isolation): string {
  const mostFileBlocks = isolation === "unshare" ? TABLE_BLOCKS : 0
  const dataKilobytes = Math.ceil((maxMemoryBytes + UNUSED_MEMORY_BYTES) / 1024)
  const optional = [`ulimit -d ${dataKilobytes}`, `ulimit -t ${MAX_CPU_SECONDS}`, BATCH].map(
    (line) => `${line} 2>/dev/null`,
  )
  return [
    `ulimit -c 0 && ulimit -f ${mostFileBlocks} && ulimit -n ${MAX_FILES} || exit 126`,
    ...optional,
    'exec "$@"',
  ].join("; ")
}

function nodeFlags(entry: string): string[] {
  const flags = [
    // A small nursery, because a scan allocates little in JavaScript, and pixels are released explicitly.
    "--max-semi-space-size=4",
    "--max-old-space-size=256",
    // Such a small heap is collected faster without helper threads, and every core already has a child.
    "--single-threaded-gc",
    "--no-warnings",
  ]
  // Otherwise, any process of the same user could open the inspector with a signal.
  if (process.allowedNodeEnvironmentFlags.has("--disable-sigusr1")) flags.push("--disable-sigusr1")
  if (entry.endsWith(".ts")) flags.push("--conditions=@nightlight/source")
  return flags
}

/**
 * Node's permission model: JavaScript in the child cannot start processes or threads, or write files. It restricts only
 * JavaScript, not code that takes over a library.
 */
function permissions(isolation: Isolation, { code, roots }: Confinement): string[] {
  const named = [...SYSTEM_PATHS, "/proc/self", ...code, ...roots.flatMap(({ real, seenAs }) => [real, seenAs])]
  const readable = isolation === "none" ? [...new Set(named)] : ["*"]
  return ["--permission", "--allow-addons", ...readable.map((path) => `--allow-fs-read=${path}`)]
}
