/**
 * Asks each check now and then whether it can work, so that `/readyz` tells what is not there.
 * @module
 */
import type { Check, CheckHealth } from "../checks/check.ts"
import { isExcused } from "../engine/conclude.ts"

/** How a check stands that depends on something outside. */
export interface CheckState extends CheckHealth {
  readonly name: string
}

/** How the checks stand now, those alone that can tell. */
export function checkStates(checks: readonly Check[]): CheckState[] {
  return checks.flatMap(({ name, health }) => (health === undefined ? [] : [{ name, ...health() }]))
}

/** Codes of what fails now: `check_unready:NAME:CAUSE`. */
export function failingFaults(states: readonly CheckState[]): string[] {
  return states.flatMap(({ name, failing }) =>
    failing === undefined ? [] : [`check_unready:${name}:${failing.cause}`],
  )
}

/** Whether no check is down that must speak: one whose silence an exception in force lets pass need not. */
export function canSpeak(checks: readonly Check[], now: Date): boolean {
  return checks.every((check) => check.health?.().failing?.isDown !== true || isExcused(check, now))
}

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
