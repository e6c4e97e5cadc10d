/**
 * Kills a process at its steps: at every one in the long suites, at a sample of them otherwise.
 * @module
 */

import { MINUTE_MS } from "@nightlight/core"

/** Whether the long suites run (`npm run verify:long`). */
export const IS_LONG = process.env["NIGHTLIGHT_LONG"] !== undefined

/** Time limit of a test that kills a process at its steps. */
export const KILLS_LIMIT_MS = (IS_LONG ? 30 : 5) * MINUTE_MS

/** A process that a test kills and checks. */
export interface Killable<End> {
  /** Steps from one kill to the next; ignored in the long suites, which use 1. */
  readonly stride: number
  /** Runs the process, which is killed at this step (from 0) or ends before it. */
  readonly run: (killAt: number) => Promise<End>
  readonly wasKilled: (end: End) => boolean
  /** Checks the state after each run, killed or not. */
  readonly check?: (end: End, killAt: number) => Promise<void>
}

/**
 * Runs a process repeatedly, killed one stride later each time, until it runs to its end. The first kill is at a random
 * step within the stride, so that many runs cover every step.
 *
 * @returns The result of the last run, and the number of killed runs.
 */
export async function killAtEveryStep<End>(
  killable: Killable<End>,
): Promise<{ readonly end: End; readonly kills: number }> {
  const { run, wasKilled, check } = killable
  const stride = IS_LONG ? 1 : killable.stride
  for (let killAt = Math.floor(Math.random() * stride), kills = 0; ; killAt += stride) {
    const end = await run(killAt)
    await check?.(end, killAt)
    if (!wasKilled(end)) return { end, kills }
    kills++
  }
}

/**
 * Chooses steps at which to kill a process, spread evenly.
 *
 * @param steps - Number of steps of the process.
 * @param kills - Number of steps to choose; in the long suites `long`, by default all.
 */
export function spreadKills(steps: number, kills: number, { long = steps } = {}): readonly number[] {
  const count = Math.min(steps, IS_LONG ? long : kills)
  return Array.from({ length: count }, (_, k) => Math.floor(((k + 0.5) * steps) / count))
}
