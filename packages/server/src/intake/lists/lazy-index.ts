import type { lazily } from "../../platform/lazily.ts"
import type { LiveIndex } from "./live-index.ts"

/** A live index that is opened at its first use; until then it screens nothing. */
export function lazyIndex(index: ReturnType<typeof lazily<LiveIndex>>): LiveIndex {
  let opened: LiveIndex | undefined
  const get = async () => {
    opened = await index()
    return opened
  }
  return {
    use: async (work) => (await get()).use(work),
    refresh: async () => (await get()).refresh(),
    state: () => opened?.state() ?? { screens: false },
    close: async () => (await index.opened()?.catch(() => undefined))?.close(),
  }
}
