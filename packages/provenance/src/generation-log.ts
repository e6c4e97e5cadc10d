/**
 * The generation log: pictures that models made, by hash.
 * @module
 */
import { randomBytes } from "node:crypto"
import { type FileHandle, mkdir, open } from "node:fs/promises"
import { join } from "node:path"
import { type Clock, DependencyError, utcDay } from "@nightlight/core"
import { removeExpired } from "./days.ts"
import { type Generation, toLine } from "./generation.ts"

/** Options of {@link openGenerationLog}. */
export interface GenerationLogOptions {
  /** Folder (0700) of the log; created when missing. */
  readonly dir: string
  /** Whole days are removed once they are older. */
  readonly retentionDays: number
  readonly clock: Clock
  /** Called with a code when lines could not be written; these lines are lost. */
  readonly onFault?: (code: string) => void
}

/** A generation log that is open for writing. */
export interface GenerationLog {
  /** Adds a line, which is on disk within a second. Never throws and never waits. */
  append(generation: Generation): void
  /** Waits until every added line is on disk or was given up. */
  flush(): Promise<void>
  close(): Promise<void>
}

const FLUSH_MS = 1000

/** Most waiting lines; without this limit a hanging disk would let memory fill up. */
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
