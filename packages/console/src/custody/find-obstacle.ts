/** The reason why this page cannot use passkeys. */
export type PasskeyObstacle = "address" | "insecure" | "other-host" | "unsupported"

/**
 * Finds out why this page cannot use passkeys for a host; `undefined` if it can.
 *
 * @param rpId - Host name that the passkeys belong to.
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
