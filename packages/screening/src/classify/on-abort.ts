/**
 * Many listeners to one signal's abort.
 * @module
 */

type Listener = (reason: unknown) => void

/** What listens to a signal: `tell` is the signal's own listener, as long as there are others. */
interface Listeners {
  readonly all: Set<Listener>
  readonly tell: () => void
}

const known = new WeakMap<AbortSignal, Listeners>()

/**
 * Calls a function with the signal's reason when the signal aborts. The functions of a signal share one listener of it:
 * it goes through all its listeners whenever one comes or leaves, and all items in progress have their scan's signal.
 *
 * @param signal - not aborted yet.
 * @param listener - its own for each call; must not throw.
 * @returns a function that ends it.
 */
export function onAbort(signal: AbortSignal, listener: Listener): () => void {
  const { all, tell } = known.get(signal) ?? listen(signal)
  all.add(listener)
  return () => {
    all.delete(listener)
    if (all.size > 0) return
    known.delete(signal)
    signal.removeEventListener("abort", tell)
  }
}

function listen(signal: AbortSignal): Listeners {
  const all = new Set<Listener>()
  const tell = () => {
    for (const listener of all) listener(signal.reason)
  }
  signal.addEventListener("abort", tell, { once: true })
  const listeners = { all, tell }
  known.set(signal, listeners)
  return listeners
}
