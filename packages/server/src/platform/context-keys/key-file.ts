/**
 * The file of the installation's context keys: the newest first, then those that may still be in use, and then the
 * remains of keys under which only the MACs of events are left, which cannot be changed.
 *
 * nightlight-context-key-1 HEX [TIME] nightlight-events-key-1 HEX SEQ
 *
 * @module
 */
import { createHash, randomBytes } from "node:crypto"
import { readFileSync, statSync } from "node:fs"
import { compact, IntegrityError } from "@nightlight/core"
import { writeFileAtomic, writeFileExclusive } from "@nightlight/durable"

const CONTEXT_KEY = /^nightlight-context-key-1 ([0-9a-f]{64})(?: (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z))?$/
const EVENTS_KEY = /^nightlight-events-key-1 ([0-9a-f]{64}) ([1-9]\d{0,15})$/
const OTHERS = 0o077
const MAX_LINES = 1_024

/** A context key of the installation. */
export interface ContextKey {
  /** 32 bytes. */
  readonly bytes: Uint8Array
  /** ISO 8601, UTC; absent for the first one. */
  readonly madeAt?: string
}

/** The remains of a dropped context key: it checks the MACs of events up to one, and makes and opens nothing. */
export interface EventsKey {
  /** 32 bytes, derived as the authority derives them. */
  readonly bytes: Uint8Array
  readonly throughSeq: number
}

/** Content of the key file. */
export interface ContextKeyFile {
  /** At least one, newest first. */
  readonly keys: readonly ContextKey[]
  readonly eventsKeys: readonly EventsKey[]
}

/** Name of a context key for people: 8 hexadecimal digits of its SHA-256. */
export function contextKeyId(key: Uint8Array): string {
  return createHash("sha256").update(key).digest("hex").slice(0, 8)
}

/**
 * Makes a context key, 32 random bytes, readable only by its owner. If it is lost, so is every case's context.
 *
 * @throws {RequestError} `state_conflict` if the file exists.
 * @throws {DependencyError} `disk_full`, `write_failed`.
 */
export async function createContextKey(path: string): Promise<void> {
  await writeFileExclusive(path, toText({ keys: [{ bytes: randomBytes(32) }], eventsKeys: [] }), 0o600)
}

/**
 * Reads the newest context key: 32 bytes.
 *
 * @throws {IntegrityError} `key_unusable` if the file is missing, malformed, or open to others.
 */
export async function readContextKey(path: string): Promise<Uint8Array> {
  const [newest] = readContextKeys(path).keys
  return newest?.bytes ?? new Uint8Array(0)
}

/**
 * Reads the whole file.
 *
 * @throws {IntegrityError} `key_unusable` as {@link readContextKey}.
 */
export function readContextKeys(path: string): ContextKeyFile {
  let text: string
  try {
    if ((statSync(path).mode & OTHERS) !== 0) {
      throw new IntegrityError("key_unusable", "the context key is open to other users", { hint: "chmod 600 it." })
    }
    text = readFileSync(path, "utf8")
  } catch (error) {
    if (error instanceof IntegrityError) throw error
    throw new IntegrityError("key_unusable", "the context key is missing", {
      hint: "Restore context.key from your copy: no case's context opens without it.",
    })
  }
  const file = parse(text)
  if (file === undefined) throw new IntegrityError("key_unusable", "the context key's file is damaged")
  return file
}

/**
 * Replaces the file's content in one step.
 *
 * @throws {DependencyError} `disk_full`, `write_failed`: then the file is unchanged.
 */
export async function writeContextKeys(path: string, file: ContextKeyFile): Promise<void> {
  await writeFileAtomic(path, toText(file), 0o600)
}

function parse(text: string): ContextKeyFile | undefined {
  if (!text.endsWith("\n")) return undefined
  const lines = text.slice(0, -1).split("\n")
  const keys: ContextKey[] = []
  const eventsKeys: EventsKey[] = []
  for (const line of lines.slice(0, MAX_LINES + 1)) {
    const [, key, madeAt] = CONTEXT_KEY.exec(line) ?? []
    const [, eventsKey, seq] = EVENTS_KEY.exec(line) ?? []
    if (key !== undefined) keys.push(compact({ bytes: Buffer.from(key, "hex"), madeAt }))
    else if (eventsKey !== undefined) {
      eventsKeys.push({ bytes: Buffer.from(eventsKey, "hex"), throughSeq: Number(seq) })
    } else return undefined
  }
  const distinct = new Set(keys.map(({ bytes }) => contextKeyId(bytes)))
  return keys.length === 0 || distinct.size !== keys.length || lines.length > MAX_LINES
    ? undefined
    : { keys, eventsKeys }
}

function toText({ keys, eventsKeys }: ContextKeyFile): string {
  const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex")
  return [
    ...keys.map(
      ({ bytes, madeAt }) => `nightlight-context-key-1 ${hex(bytes)}${madeAt === undefined ? "" : ` ${madeAt}`}\n`,
    ),
    ...eventsKeys.map(({ bytes, throughSeq }) => `nightlight-events-key-1 ${hex(bytes)} ${throughSeq}\n`),
  ].join("")
}
