/**
 * Many items in one call: a few at a time, each with a result of its own.
 * @module
 */
import { setImmediate as loopTurn } from "node:timers/promises"
import { type ScreenBatchAnswer, ScreenItemError } from "@nightlight/contract/server"
import { type Decision, DependencyError, RequestError } from "@nightlight/core"

type ItemResult = ScreenBatchAnswer["results"][number]

/** Items of one batch in progress at once. */
export const BATCH_CONCURRENCY = 4

/**
 * Screens each item and collects the results in the order of the items. Other calls have a turn after each item.
 *
 * @param screenOne - Called with an item and its place, from 0.
 * @throws the reason of `signal`, and errors that are nobody's refusal and no dependency's failure.
 */
export async function screenEach<Item>(
  items: readonly Item[],
  screenOne: (item: Item, place: number) => Promise<Decision>,
  signal: AbortSignal,
): Promise<ItemResult[]> {
  const results: ItemResult[] = []
  const stop = new AbortController()
  const stopped = AbortSignal.any([signal, stop.signal])
  const waiting = items.entries()
  const work = async (): Promise<void> => {
    for (const [place, item] of waiting) {
      stopped.throwIfAborted()
      try {
        results[place] = await resultOf(() => screenOne(item, place), signal)
      } catch (error) {
        stop.abort(error)
        throw error
      }
      await loopTurn()
    }
  }
  await Promise.all(Array.from({ length: BATCH_CONCURRENCY }, work))
  return results
}

async function resultOf(screenOne: () => Promise<Decision>, signal: AbortSignal): Promise<ItemResult> {
  try {
    return { decision: await screenOne() }
  } catch (error) {
    signal.throwIfAborted()
    if (error instanceof DependencyError) return { error: "unavailable" }
    const code = ScreenItemError.options.find((known) => error instanceof RequestError && error.code === known)
    if (code !== undefined) return { error: code }
    throw error
  }
}
