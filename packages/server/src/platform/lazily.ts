/**
 * Opens something at its first use, once; after a failure the next use tries again.
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
