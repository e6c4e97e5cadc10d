/**
 * Adds a new context key before the others.
 * @module
 */
import { randomBytes } from "node:crypto"
import { type Clock, DependencyError, hasCode } from "@nightlight/core"
import { withLock } from "@nightlight/durable"
import { type ContextKey, contextKeyId, readContextKeys, writeContextKeys } from "./key-file.ts"

/** Result of a rotation. */
export interface ContextKeyRotation {
  /** Ids of the keys in the file, newest first. */
  readonly keys: readonly string[]
  /** Whether the file already had more than one, so that this call made none. */
  readonly resumed: boolean
}

/** Long enough for a call that is just ending, and no longer. */
const PATIENCE_MS = 500

/**
 * Puts a new key first. Running processes read it within a second; data under the earlier key stays until it is
 * rewrapped, and that key stays in the file until then. Meanwhile another call makes no key and returns the present
 * state, since it cannot know whether the first caller got its answer.
 *
 * @throws {DependencyError} `locked`, `disk_full`, `write_failed`.
 * @throws {IntegrityError} `key_unusable`.
 */
export async function rotateContextKey(path: string, clock: Clock): Promise<ContextKeyRotation> {
  return withContextKeyRotation(path, async () => {
    const { keys, eventsKeys } = readContextKeys(path)
    const idsOf = (all: readonly ContextKey[]) => all.map(({ bytes }) => contextKeyId(bytes))
    if (keys.length > 1) return { keys: idsOf(keys), resumed: true }
    const next = [{ bytes: randomBytes(32), madeAt: clock.now().toISOString() }, ...keys]
    await writeContextKeys(path, { keys: next, eventsKeys })
    return { keys: idsOf(next), resumed: false }
  })
}

/**
 * Runs an action while nobody else on this host changes the context key.
 *
 * @throws {DependencyError} `locked` if somebody else does.
 */
export async function withContextKeyRotation<T>(path: string, action: () => Promise<T>): Promise<T> {
  let isInside = false
  try {
    return await withLock(
      `${path}.rotation`,
      async () => {
        isInside = true
        return await action()
      },
      { timeoutMs: PATIENCE_MS },
    )
  } catch (error) {
    if (isInside || !hasCode(error, "locked")) throw error
    throw new DependencyError("locked", "another command is rotating or rewrapping the context key", {
      hint: "Wait until it ends: both can be repeated at any time.",
    })
  }
}
