/** Something open that can be closed. */
interface Closable {
  close(): Promise<void>
}

/** Opens several things in order; if one cannot be opened, those before it are closed. @throws what opening it throws. */
export async function openAll<T extends Closable>(openers: readonly (() => Promise<T>)[]): Promise<readonly T[]> {
  const opened: T[] = []
  try {
    for (const open of openers) opened.push(await open())
    return opened
  } catch (error) {
    await Promise.all(opened.map((one) => one.close()))
    throw error
  }
}
