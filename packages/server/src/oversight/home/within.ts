const ANSWER_MS = 3_000

/** The answer if it comes within three seconds, else nothing: an index that loads for long keeps nobody from their home screen. */
export async function within<T>(answer: Promise<T>): Promise<T | undefined> {
  const late = AbortSignal.timeout(ANSWER_MS)
  return Promise.race([
    answer.catch(() => undefined),
    new Promise<undefined>((resolve) => late.addEventListener("abort", () => resolve(undefined), { once: true })),
  ])
}
