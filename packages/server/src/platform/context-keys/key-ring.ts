/**
 * The context keys of a running process. It reads a changed file automatically, so that a rotation needs no restart. A
 * process that can no longer read the file goes on with its keys, and fails closed on data under a newer key.
 * @module
 */
import { statSync } from "node:fs"
import { hasCode, IntegrityError } from "@nightlight/core"
import { type ContextKeyFile, readContextKeys } from "./key-file.ts"

/** Context keys that may change while the process runs. */
export interface KeyRing {
  /**
   * The keys known now: the same object as long as nothing changed.
   *
   * @param fresh - Reads the file at once, for data that the known keys do not open.
   */
  current(fresh?: boolean): ContextKeyFile
}

/** How long a process may use keys that it has read before, milliseconds. */
export const RING_STALE_MS = 1_000

const KEY_BYTES = 32

/**
 * Opens the ring of a file.
 *
 * @param monotonicMs - Never goes back; the process's own clock by default.
 * @throws {IntegrityError} `key_unusable`.
 */
export function openKeyRing(path: string, monotonicMs: () => number = () => performance.now()): KeyRing {
  const stampOf = (): string => {
    const { ino, mtimeMs, size } = statSync(path)
    return `${ino} ${mtimeMs} ${size}`
  }
  let known = readContextKeys(path)
  let stamp = stampOf()
  let readAt = monotonicMs()
  return {
    current: (fresh = false) => {
      const now = monotonicMs()
      if (!fresh && now - readAt < RING_STALE_MS) return known
      readAt = now
      try {
        const next = stampOf()
        if (next !== stamp) {
          known = readContextKeys(path)
          stamp = next
        }
      } catch (error) {
        if (!hasCode(error, "key_unusable") && !hasCode(error, "ENOENT")) throw error
      }
      return known
    },
  }
}

/**
 * A ring of keys that are stored elsewhere and do not change, newest first.
 *
 * @throws {IntegrityError} `key_unusable` unless each has 32 bytes.
 */
export function fixedKeyRing(keys: readonly Uint8Array[]): KeyRing {
  if (keys.length === 0) throw new IntegrityError("key_unusable", "there is no context key")
  if (keys.some((key) => key.length !== KEY_BYTES)) {
    throw new IntegrityError("key_unusable", "the context key is not 32 bytes")
  }
  const file: ContextKeyFile = { keys: keys.map((bytes) => ({ bytes })), eventsKeys: [] }
  return { current: () => file }
}

/** Returns a ring unchanged, or makes one of a single key. */
export function toKeyRing(keys: Uint8Array | KeyRing): KeyRing {
  return keys instanceof Uint8Array ? fixedKeyRing([keys]) : keys
}

/** Derives a value from the keys, and again only when they have changed. */
export function derived<T>(ring: KeyRing, derive: (file: ContextKeyFile) => T): (fresh?: boolean) => T {
  let of: ContextKeyFile | undefined
  let value: T | undefined
  return (fresh) => {
    const file = ring.current(fresh)
    if (file !== of) {
      value = derive(file)
      of = file
    }
    return value as T
  }
}
