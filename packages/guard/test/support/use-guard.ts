import { picture } from "@nightlight/dev-env/guard/workspace"
import { afterAll, beforeAll } from "vitest"

/** A guard and two pictures. */
export interface UsedGuard<Guard> {
  readonly test: Guard
  /** On the guard's list. */
  readonly known: Buffer
  /** On no list. */
  readonly fine: Buffer
}

/** Starts a guard before the tests of this file, and ends it after them; the members are there once these run. */
export function useGuard<Guard extends AsyncDisposable>(
  start: (known: readonly Uint8Array[]) => Promise<Guard>,
): UsedGuard<Guard> {
  const used = {} as { -readonly [Name in keyof UsedGuard<Guard>]: UsedGuard<Guard>[Name] }
  beforeAll(async () => {
    used.known = await picture(1)
    used.fine = await picture(2)
    used.test = await start([used.known])
  })
  afterAll(() => used.test[Symbol.asyncDispose]())
  return used
}
