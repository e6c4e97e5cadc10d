/**
 * Opens something at its first use, once; after a failure the next use tries again.
 */
export function lazily<Opened>(open: () => Promise<Opened>): {
  (): Promise<Opened>
  readonly opened: () => Promise<Opened> | undefined
} {
  let opening: Promise<Opened> | undefined
  const get = (): Promise<Opened> => {
    opening ??= open().catch((error: unknown) => {
      opening = undefined
      throw error
    })
    return opening
  }
  return Object.assign(get, { opened: () => opening })
}
