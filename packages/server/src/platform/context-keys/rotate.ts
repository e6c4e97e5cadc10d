/**
 * A new context key in front of the others.
 * @module
 */
import { randomBytes } from "node:crypto"
import { type Clock, DependencyError, hasCode } from "@nightlight/core"
import { withLock } from "@nightlight/durable"
import { type ContextKey, contextKeyId, readContextKeys, writeContextKeys } from "./key-file.ts"

/** What a rotation of the context key came to. */
export interface ContextKeyRotation {
  /** Ids of the keys in the file, the newest first. */
  readonly keys: readonly string[]
  /** Whether the file held more than one already: this call made none. */
  readonly resumed: boolean
}

/** Long enough for a call that is just ending, and no more. */
const PATIENCE_MS = 500

/**
 * Puts a new key first. Running processes take it up within a second; what is under the one before stays until it is
 * rewrapped, and that one stays in the file until nothing is. While it does, another call makes no key and answers what
 * stands: it cannot know whether the call that made the key could tell so.
 *
 * @throws {DependencyError} `locked`, `disk_full`, `write_failed`.
 * @throws {IntegrityError} `key_unusable`.
 */
export async function rotateContextKey(path: string, clock: Clock): Promise<ContextKeyRotation> {
  return withContextKeyTurn(path, async () => {
    const { keys, eventsKeys } = readContextKeys(path)
    const idsOf = (all: readonly ContextKey[]) => all.map(({ bytes }) => contextKeyId(bytes))
    if (keys.length > 1) return { keys: idsOf(keys), resumed: true }
    const next = [{ bytes: randomBytes(32), madeAt: clock.now().toISOString() }, ...keys]
    await writeContextKeys(path, { keys: next, eventsKeys })
    return { keys: idsOf(next), resumed: false }
  })
}

/**
 * Runs an action while nobody else on this host turns the context key.
 *
 * @throws {DependencyError} `locked` if somebody else does.
 */
export async function withContextKeyTurn<T>(path: string, action: () => Promise<T>): Promise<T> {
  let isInside = false
  try {
    return await withLock(
      `${path}.turn`,
      async () => {
        isInside = true
        return await action()
      },
      { timeoutMs: PATIENCE_MS },
    )
  } catch (error) {
    if (isInside || !hasCode(error, "locked")) throw error
    throw new DependencyError("locked", "another command rotates or rewraps the context key now", {
      hint: "Wait for it to end: both can be repeated at any time.",
    })
  }
}
