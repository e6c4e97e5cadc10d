/**
 * Asks each check now and then whether it can work, so that `/readyz` tells what is not there.
 * @module
 */
import type { Check } from "../checks/check.ts"

/** Follows the checks in force. */
export interface CheckWatch {
  /** Names of checks that could not work when they were asked last. */
  unready(): readonly string[]
  close(): void
}

const ASK_EVERY_MS = 5_000
const ANSWER_MS = 2_000

/** Starts asking. @param checks - those in force now. */
export function watchChecks(checks: () => readonly Check[]): CheckWatch {
  let unready: readonly string[] = []
  const ask = async (): Promise<void> => {
    const asked = await Promise.all(checks().map(async (check) => ((await isReady(check)) ? undefined : check.name)))
    unready = asked.filter((name) => name !== undefined)
  }
  void ask()
  const timer = setInterval(() => void ask(), ASK_EVERY_MS)
  timer.unref()
  return { unready: () => unready, close: () => clearInterval(timer) }
}

async function isReady(check: Check): Promise<boolean> {
  if (check.ready === undefined) return true
  const { promise: late, resolve } = Promise.withResolvers<boolean>()
  const timer = setTimeout(() => resolve(false), ANSWER_MS)
  try {
    return await Promise.race([check.ready().then(() => true), late])
  } catch {
    return false
  } finally {
    clearTimeout(timer)
  }
}
