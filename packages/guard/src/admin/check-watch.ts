/**
 * Asks each check at intervals whether it can work, so that `/readyz` names those that cannot.
 * @module
 */
import type { Check, CheckHealth } from "../checks/check.ts"
import { isExcused } from "../engine/conclude.ts"

/** The state of a check that depends on an outside service. */
export interface CheckState extends CheckHealth {
  readonly name: string
}

/** The states of those checks that report one. */
export function checkStates(checks: readonly Check[]): CheckState[] {
  return checks.flatMap(({ name, health }) => (health === undefined ? [] : [{ name, ...health() }]))
}

/** Codes of current failures: `check_unready:NAME:CAUSE`. */
export function failingFaults(states: readonly CheckState[]): string[] {
  return states.flatMap(({ name, failing }) =>
    failing === undefined ? [] : [`check_unready:${name}:${failing.cause}`],
  )
}

/** True where no required check is down. A check whose silence an exception in force excuses is not required. */
export function canSpeak(checks: readonly Check[], now: Date): boolean {
  return checks.every((check) => check.health?.().failing?.isDown !== true || isExcused(check, now))
}

/** The result of asking the checks in force. */
export interface CheckWatch {
  /** Names of the checks that could not work when last asked. */
  unready(): readonly string[]
  close(): void
}

const ASK_EVERY_MS = 5_000
const ANSWER_MS = 2_000

/** Starts asking. @param checks - returns the checks in force. */
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
