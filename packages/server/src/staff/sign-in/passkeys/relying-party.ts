import type { RelyingParty } from "@nightlight/vault/webauthn"

/**
 * The relying party of sign-in passkeys: the host of the first origin where browsers allow passkeys, and all origins
 * with that host or below it.
 *
 * @returns `undefined` if every origin is an IP address, or plain http on another host than `localhost`.
 */
export function relyingPartyOf(origins: readonly string[]): RelyingParty | undefined {
  const named = origins.map((origin) => new URL(origin)).filter(mayUsePasskeys)
  const rpId = named[0]?.hostname
  if (rpId === undefined) return undefined
  const isUnder = ({ hostname }: URL) => hostname === rpId || hostname.endsWith(`.${rpId}`)
  return { rpId, origins: named.filter(isUnder).map(({ origin }) => origin) }
}

function mayUsePasskeys({ protocol, hostname }: URL): boolean {
  const isAddress = hostname.startsWith("[") || /^[0-9.]+$/.test(hostname)
  return !isAddress && (protocol === "https:" || hostname === "localhost")
}
