import { type Cookie, cookie } from "../http/cookies.ts"

/** How long a session lives at most. */
export const SESSION_HOURS = 8

/** The session's cookie. `__Host-` keeps it to this very host over TLS; plain http is for loopback, where it cannot be. */
export function sessionCookie(origin: string): Cookie {
  return cookie(origin, "nightlight", SESSION_HOURS * 3600)
}
