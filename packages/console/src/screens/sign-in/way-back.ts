/**
 * Where somebody wanted to go before they had to sign in.
 * @module
 */

/**
 * A path of our own, or the home page: what stands in an address is anybody's.
 *
 * @param to - Of the address.
 * @param origin - Ours.
 */
export function wayBack(to: unknown, origin: string): string {
  if (typeof to !== "string" || !to.startsWith("/") || !URL.canParse(to, origin)) return "/"
  // Read as a browser reads it, which takes `/\` and `/<tab>/` for the beginning of another host.
  const { origin: its, pathname, search, hash } = new URL(to, origin)
  return its === origin && !pathname.startsWith("//") ? `${pathname}${search}${hash}` : "/"
}
