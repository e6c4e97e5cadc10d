/**
 * Where a process is killed in tests: at every step that it takes in the long run, at a sample of them otherwise.
 * @module
 */

/** Whether the long suites run (`npm run verify:long`). */
export const IS_LONG = process.env["NIGHTLIGHT_LONG"] !== undefined

/** What {@link killAtEveryStep} runs. */
export interface Killable<End> {
  /** Steps from one kill to the next; 1 in the long run. */
  readonly stride: number
  /** Runs the process, which dies at this step, counted from 0, or comes to its end before it. */
  readonly run: (killAt: number) => Promise<End>
  readonly wasKilled: (end: End) => boolean
  /** What must hold after each run, killed or not. */
  readonly check?: (end: End, killAt: number) => Promise<void>
}

/**
 * Runs a process again and again, killed one stride later each time, until it comes to its end. The first kill is at a
 * random step within the stride, so that many runs meet every step.
 *
 * @returns How the last run ended, and how many were killed.
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
 * Steps at which to kill a process, spread evenly over those that it takes.
 *
 * @param steps - How many the process takes.
 * @param kills - How many to choose; `long` in the long run, all steps unless given.
 */
export function spreadKills(steps: number, kills: number, { long = steps } = {}): readonly number[] {
  const count = Math.min(steps, IS_LONG ? long : kills)
  return Array.from({ length: count }, (_, k) => Math.floor(((k + 0.5) * steps) / count))
}
