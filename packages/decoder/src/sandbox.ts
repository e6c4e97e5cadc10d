/**
 * The command that starts a child with as little as the system lets us leave it.
 * @module
 */
import { existsSync, realpathSync } from "node:fs"
import { dirname, join, sep } from "node:path"
import { fileURLToPath } from "node:url"
import type { DecoderLimits } from "./limits.ts"

/**
 * `namespaces`: own mount, process, network, user and IPC namespaces, in which nothing but the code, the system's
 * libraries and the read roots exist, and none of it can be written. `limits`: resource limits alone.
 */
export type Isolation = "namespaces" | "limits"

/** A path the child may read: where it is, and under which name the child sees it. */
export interface ReadRoot {
  readonly real: string
  readonly seenAs: string
}

/** How to start one child. */
export interface ChildCommand {
  readonly file: string
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
}

const BWRAP = ["/usr/bin/bwrap", "/bin/bwrap", "/usr/local/bin/bwrap"].find((path) => existsSync(path))

/** Whether this system may have namespaces to offer; starting a child tells. */
export const MAY_HAVE_NAMESPACES = process.platform === "linux" && BWRAP !== undefined

/** What the dynamic loader needs. */
const SYSTEM_PATHS: readonly string[] = [
  "/lib",
  "/lib64",
  "/usr/lib",
  "/usr/lib64",
  "/usr/local/lib",
  "/etc/ld.so.cache",
  "/nix/store",
]

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
  const node = [realpathSync(process.execPath), ...nodeFlags(entry), entry]
  const inner =
    isolation === "namespaces" ? [BWRAP ?? "bwrap", ...namespaces(entry, needs.roots, env), "--", ...node] : node
  return { file: "/bin/sh", args: ["-c", limitsScript(needs.limits), "sh", ...inner], env }
}

/** Limits that the shell sets and whatever it becomes inherits. A file size of zero: no file can be written to. */
function limitsScript({ maxMemoryBytes }: DecoderLimits): string {
  const dataKilobytes = Math.ceil((maxMemoryBytes + UNUSED_MEMORY_BYTES) / 1024)
  const optional = [`ulimit -d ${dataKilobytes}`, `ulimit -t ${MOST_CPU_SECONDS}`, BATCH].map(
    (line) => `${line} 2>/dev/null`,
  )
  return [`ulimit -c 0 && ulimit -f 0 && ulimit -n ${MOST_FILES} || exit 126`, ...optional, 'exec "$@"'].join("; ")
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

function namespaces(entry: string, roots: readonly ReadRoot[], env: ChildCommand["env"]): string[] {
  const node = realpathSync(process.execPath)
  const code = [node, ...codeFolders(entry)]
  return [
    "--unshare-all",
    "--die-with-parent",
    "--new-session",
    "--cap-drop",
    "ALL",
    "--clearenv",
    ...Object.entries(env).flatMap(([name, value]) => ["--setenv", name, value]),
    ...SYSTEM_PATHS.flatMap((path) => ["--ro-bind-try", path, path]),
    ...code.flatMap((path) => ["--ro-bind", path, path]),
    "--dev",
    "/dev",
    ...roots.flatMap(({ real, seenAs }) => ["--ro-bind", real, seenAs]),
    "--remount-ro",
    "/",
    "--chdir",
    "/",
  ]
}

/** The folders that hold the entry's package and every package it loads. */
function codeFolders(entry: string): string[] {
  const modules = ["@nightlight/core", "@nightlight/pdq", "sharp"].map((name) =>
    fileURLToPath(import.meta.resolve(name)),
  )
  const folders = [entry, fileURLToPath(import.meta.url), ...modules].map(
    (path) => modulesFolder(path) ?? packageFolder(path),
  )
  // Workspace packages are links in the folder of modules: the links have to be there too.
  const links = modules.map(modulesFolder).filter((folder) => folder !== undefined)
  return [...new Set([...folders, ...links])]
}

function modulesFolder(path: string): string | undefined {
  const mark = `${sep}node_modules${sep}`
  const at = path.lastIndexOf(mark)
  return at === -1 ? undefined : path.slice(0, at + mark.length - 1)
}

function packageFolder(path: string): string {
  for (let folder = dirname(path); folder !== dirname(folder); folder = dirname(folder)) {
    if (existsSync(join(folder, "package.json"))) return folder
  }
  return dirname(path)
}
