import type { CheckContext } from "../../src/checks/check.ts"
import type { HoldBackSettings } from "../../src/setup/setup.ts"
import { HoldBack, type HoldBackDeps, type Stop } from "../../src/stream/hold-back.ts"

/** A chat completion of a caller who is not trusted. */
export function chatContext(direction: CheckContext["direction"]): CheckContext {
  return { exchange: "exchange-1", endpoint: "chat", direction, caller: { id: "c", trusted: false } }
}

/** Windows that are small beside what a model says. */
export const HOLD_SETTINGS: HoldBackSettings = {
  mode: "windows",
  windowChars: 400,
  firstWindowChars: 100,
  maxHeldBytes: 1e6,
  maxHeldPictureBytes: 8e6,
  keepAliveMs: 1_000,
}

/** A stream that is held back, and what has come of it so far. */
export interface Held {
  readonly hold: HoldBack
  readonly released: string
  /** Why it was stopped, once it was. */
  readonly stop: Stop | undefined
}

/** Holds back the answer of a chat completion. */
export function holdBack(
  of: Pick<HoldBackDeps, "engine" | "codec"> & Partial<Pick<HoldBackDeps, "context" | "settings">>,
): Held {
  let released = ""
  let stop: Stop | undefined
  const hold = new HoldBack({
    context: chatContext("output"),
    settings: HOLD_SETTINGS,
    ...of,
    signal: new AbortController().signal,
    release: (frames) => {
      released += frames.join("")
    },
    stop: (given) => {
      stop = given
    },
  })
  return {
    hold,
    get released() {
      return released
    },
    get stop() {
      return stop
    },
  }
}
