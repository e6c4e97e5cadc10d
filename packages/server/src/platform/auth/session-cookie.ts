import { type Cookie, cookie } from "../http/cookies.ts"

/** Maximum lifetime of a session. */
export const SESSION_HOURS = 8

/** The session's cookie. `__Host-` binds it to this very host over TLS; plain http on loopback cannot use it. */
export function sessionCookie(origin: string): Cookie {
  return cookie(origin, "nightlight", SESSION_HOURS * 3600)
}
