/**
 * Maps values, some at once, and keeps their order. After an error no other value is begun.
 *
 * @throws the first error, once everything that was begun has ended.
 */
export async function inOrder<T, R>(
  values: readonly T[],
  concurrency: number,
  map: (value: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = []
  const failures: unknown[] = []
  const queue = values.entries()
  const work = async () => {
    for (const [index, value] of queue) {
      if (failures.length > 0) return
      try {
        results[index] = await map(value)
      } catch (error) {
        failures.push(error)
      }
    }
  }
  await Promise.all(Array.from({ length: concurrency }, work))
  if (failures.length > 0) throw failures[0]
  return results
}
