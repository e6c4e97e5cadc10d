import { realpathSync } from "node:fs"
import { availableParallelism } from "node:os"
import { isAbsolute, resolve, sep } from "node:path"
import { fileURLToPath } from "node:url"
import {
  type Fingerprint,
  type Isolation,
  type PdqKernel,
  type PdqProfile,
  RequestError,
  UNREAD,
} from "@nightlight/core"
import { childCommand } from "./isolation/child-command.ts"
import type { ReadRoot } from "./isolation/confinement.ts"
import { type IsolationChoice, startStrongest } from "./isolation/strongest.ts"
import { type DecoderLimits, resolveLimits } from "./limits.ts"
import { Pool, QUEUE_AHEAD_PER_CHILD } from "./pool.ts"
import { type JpegDecoder, MAX_PAYLOAD_BYTES } from "./protocol.ts"
import type { DecodeSource } from "./source.ts"

/** Access, limits and isolation of decoders. */
export interface DecoderOptions {
  /**
   * Folders and files that children may read, each bound read-only. Absolute paths; a source outside them is
   * `source_unreadable`. Not needed for sources of kind `bytes`.
   */
  readonly readRoots: readonly string[]
  /** Number of children; one for every core by default. */
  readonly processes?: number
  /** Items that a child decodes concurrently; {@link ITEMS_IN_FLIGHT} by default. */
  readonly inFlight?: number
  readonly profile: PdqProfile
  readonly kernel: PdqKernel
  /** {@link DEFAULT_LIMITS} by default. */
  readonly limits?: Partial<DecoderLimits>
  /** `auto` by default: the strongest that this system supports. */
  readonly isolation?: IsolationChoice
  /** Answers after which a child is replaced; {@link ITEMS_PER_CHILD} by default. */
  readonly itemsPerChild?: number
  /** Absolute path of another child program that speaks the protocol. */
  readonly entry?: string
}

/**
 * Items that a child decodes concurrently by default. Most JPEGs it decodes by itself, one after another; two pictures
 * of other kinds, in sharp's threads, keep a core busy.
 */
const ITEMS_IN_FLIGHT = 2

/** Answers after which a child is replaced by default, which discards anything that it accumulated. */
export const ITEMS_PER_CHILD = 20_000

/** Children that fingerprint untrusted items. Disposing of it waits for its items, then ends its children. */
export interface Decoder extends AsyncDisposable {
  /** Isolation of the children. */
  readonly isolation: Isolation
  readonly jpegDecoder: JpegDecoder
  /** Number of concurrent items that keeps every child busy; more only wait. */
  readonly capacity: number
  readonly limits: DecoderLimits
  /**
   * Reads, digests and decodes one item.
   *
   * Resolves whatever the item does: an item that could not be inspected has a cause in `inconclusive`. Digests cover
   * the whole item, or are all empty where its bytes could not be read or its child died before it reported them.
   *
   * @throws {DependencyError} `decoder_unavailable` when children can no longer be started.
   * @throws {RequestError} `state_conflict` after it was disposed of; `input_invalid` for more than 4 GiB in memory.
   * @throws the signal's reason when it aborts first.
   */
  fingerprint(source: DecodeSource, signal?: AbortSignal): Promise<Fingerprint>
}

/**
 * Starts decoder children.
 *
 * @throws {RequestError} `input_invalid` when a limit is not a whole number, or a read root does not exist.
 * @throws {DependencyError} `decoder_unavailable` when no child can be started; `decoder_not_isolated`.
 */
export async function openDecoder(options: DecoderOptions): Promise<Decoder> {
  const limits = resolveLimits(options.limits)
  const roots = options.readRoots.map(toReadRoot)
  const processes = Math.max(1, options.processes ?? availableParallelism())
  const inFlight = Math.max(1, options.inFlight ?? ITEMS_IN_FLIGHT)
  const entry = options.entry ?? defaultEntry()

  const start = async (isolation: Isolation): Promise<Started> => {
    const confineTo = isolation === "none" ? roots.map(({ real }) => real) : null
    const init = { profile: options.profile, kernel: options.kernel, limits, inFlight, confineTo }
    const command = childCommand(entry, isolation, { limits, inFlight, roots })
    const pool = new Pool({ command, init, itemsPerChild: options.itemsPerChild ?? ITEMS_PER_CHILD, processes })
    try {
      return { pool, isolation, jpegDecoder: await pool.ready() }
    } catch (error) {
      await pool.close()
      throw error
    }
  }

  const { pool, isolation, jpegDecoder } = await startStrongest(options.isolation ?? "auto", start)

  return {
    isolation,
    jpegDecoder,
    capacity: processes * (inFlight + QUEUE_AHEAD_PER_CHILD),
    limits,
    fingerprint(source, signal) {
      if (source.kind === "bytes") {
        if (source.bytes.length > MAX_PAYLOAD_BYTES) {
          const details = { sizeBytes: source.bytes.length }
          return Promise.reject(new RequestError("input_invalid", "expected at most 4 GiB of bytes", { details }))
        }
      } else if (source.kind !== "stream" && !isBelow(source.path, roots)) return Promise.resolve(UNREAD)
      return pool.fingerprint(source, signal)
    },
    [Symbol.asyncDispose]: () => pool.close(),
  }
}

interface Started {
  readonly pool: Pool
  readonly isolation: Isolation
  readonly jpegDecoder: JpegDecoder
}

function toReadRoot(path: string): ReadRoot {
  if (!isAbsolute(path)) throw new RequestError("input_invalid", `expected an absolute read root, got ${path}`)
  const seenAs = resolve(path)
  try {
    return { real: realpathSync(seenAs), seenAs }
  } catch {
    throw new RequestError("input_invalid", `expected an existing read root, got ${path}`)
  }
}

/** Source code starts the source entry, or in tests its bundle; a build starts the built entry. */
function defaultEntry(): string {
  const isSource = import.meta.url.endsWith(".ts")
  return fileURLToPath(isSource ? import.meta.resolve("#child") : new URL("./child/main.js", import.meta.url))
}

function isFolder(path: string, root: string): boolean {
  return root.endsWith(sep) || path[root.length] === sep
}

function isBelow(path: string, roots: readonly ReadRoot[]): boolean {
  if (!isAbsolute(path) || path.includes("\0")) return false
  // Resolving costs more than all other work on an item here, and most paths are already plain.
  const plain = /\/[./]/.test(path) ? resolve(path) : path
  return roots.some(
    ({ seenAs }) => plain.startsWith(seenAs) && (plain.length === seenAs.length || isFolder(plain, seenAs)),
  )
}
