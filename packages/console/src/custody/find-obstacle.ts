/** Why this page has no use of passkeys; `undefined` where it has. */
export type PasskeyObstacle = "address" | "insecure" | "other-host" | "unsupported"

/**
 * Finds out whether passkeys for a host can be used on this page.
 *
 * @param rpId - Host name that they are made for.
 */
export function passkeyObstacle(
  rpId: string,
  page: Pick<Location, "hostname"> = window.location,
): PasskeyObstacle | undefined {
  const { hostname } = page
  if (/^[0-9.]+$/.test(hostname) || hostname.startsWith("[")) return "address"
  if (hostname !== rpId && !hostname.endsWith(`.${rpId}`)) return "other-host"
  if (!globalThis.isSecureContext) return "insecure"
  return "PublicKeyCredential" in globalThis ? undefined : "unsupported"
}
