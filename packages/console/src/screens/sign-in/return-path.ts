/**
 * The path to return to after the sign-in, if it is on this console; otherwise the home page. Addresses are untrusted.
 *
 * @param to - `to` parameter of the address.
 * @param origin - The console's own origin.
 */
export function returnPath(to: unknown, origin: string): string {
  if (typeof to !== "string" || !to.startsWith("/") || !URL.canParse(to, origin)) return "/"
  // Parsed as browsers do, because they read `/\` and `/<tab>/` as the start of another host.
  const { origin: its, pathname, search, hash } = new URL(to, origin)
  return its === origin && !pathname.startsWith("//") ? `${pathname}${search}${hash}` : "/"
}
