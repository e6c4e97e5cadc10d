/**
 * Opens two things at once; where one fails, the other is closed before the failure is told.
 *
 * @throws the first one's error, else the second's.
 */
export async function openTogether<A extends AsyncDisposable, B extends AsyncDisposable>(
  first: Promise<A>,
  second: Promise<B>,
): Promise<readonly [A, B]> {
  const [one, other] = await Promise.allSettled([first, second])
  if (one.status === "fulfilled" && other.status === "fulfilled") return [one.value, other.value]
  if (one.status === "fulfilled") await one.value[Symbol.asyncDispose]()
  if (other.status === "fulfilled") await other.value[Symbol.asyncDispose]()
  throw one.status === "rejected" ? one.reason : (other as PromiseRejectedResult).reason
}
