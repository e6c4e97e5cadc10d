/**
 * The generation log: what models made, by hash.
 * @module
 */
import { randomBytes } from "node:crypto"
import { type FileHandle, mkdir, open } from "node:fs/promises"
import { join } from "node:path"
import { type Clock, DependencyError, utcDay } from "@nightlight/core"
import { removeExpired } from "./days.ts"
import { type Generation, toLine } from "./generation.ts"

/** What {@link openGenerationLog} takes. */
export interface GenerationLogOptions {
  /** Folder (0700) of the log; made when missing. */
  readonly dir: string
  /** Whole days are removed once they are older. */
  readonly retentionDays: number
  readonly clock: Clock
  /** Told a code when lines could not be written; they are then lost. */
  readonly onFault?: (code: string) => void
}

/** An open log. */
export interface GenerationLog {
  /** Adds a line: on disk within a second. Never throws, and waits for nothing. */
  append(generation: Generation): void
  /** Waits until everything that was added is on disk, or was given up. */
  flush(): Promise<void>
  close(): Promise<void>
}

const FLUSH_MS = 1000

/** Lines that wait at most: beyond them a disk that does not answer would fill the memory. */
const MAX_WAITING = 100_000

/**
 * Opens a log for writing. Several processes may write to one folder.
 *
 * @throws {DependencyError} `write_failed`.
 */
export async function openGenerationLog(options: GenerationLogOptions): Promise<GenerationLog> {
  const { dir, retentionDays, clock, onFault = () => {} } = options
  const writer = randomBytes(8).toString("hex")
  let waiting: { readonly day: string; readonly line: string }[] = []
  let file: { readonly day: string; readonly handle: FileHandle } | undefined
  let writing = Promise.resolve()
  let timer: NodeJS.Timeout | undefined
  try {
    await mkdir(dir, { recursive: true, mode: 0o700 })
    await removeExpired(dir, retentionDays, clock.now())
  } catch {
    throw new DependencyError("write_failed", "the generation log cannot be written")
  }

  async function write(): Promise<void> {
    const lines = waiting
    waiting = []
    try {
      for (const day of new Set(lines.map((entry) => entry.day))) {
        const { handle } = await fileOf(day)
        await handle.appendFile(lines.flatMap((entry) => (entry.day === day ? [entry.line] : [])).join(""))
        await handle.datasync()
      }
    } catch {
      onFault("generations_not_logged")
    }
  }

  async function fileOf(day: string): Promise<{ readonly handle: FileHandle }> {
    if (file?.day === day) return file
    await file?.handle.close()
    file = undefined
    await removeExpired(dir, retentionDays, clock.now())
    const handle = await open(join(dir, `${day}.${writer}.ndjson`), "a", 0o600)
    file = { day, handle }
    return file
  }

  const flush = (): Promise<void> => {
    clearTimeout(timer)
    timer = undefined
    writing = writing.then(write)
    return writing
  }
  return {
    append: (generation) => {
      if (waiting.length >= MAX_WAITING) return onFault("generations_not_logged")
      const at = clock.now()
      waiting.push({ day: utcDay(at), line: toLine({ ...generation, at: at.toISOString() }) })
      timer ??= setTimeout(() => void flush(), FLUSH_MS).unref()
    },
    flush,
    close: async () => {
      await flush()
      await file?.handle.close()
      file = undefined
    },
  }
}
