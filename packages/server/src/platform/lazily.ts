/**
 * Opens something when it is first asked for, once; what could not be opened is tried again by the next who asks.
 */
export function lazily<Thing>(open: () => Promise<Thing>): {
  (): Promise<Thing>
  readonly opened: () => Promise<Thing> | undefined
} {
  let opening: Promise<Thing> | undefined
  const get = (): Promise<Thing> => {
    opening ??= open().catch((error: unknown) => {
      opening = undefined
      throw error
    })
    return opening
  }
  return Object.assign(get, { opened: () => opening })
}
