import { type Cookie, cookie } from "../../platform/http/cookies.ts"
import { OIDC_MINUTES } from "./oidc/oidc.ts"
import { CHALLENGE_MINUTES } from "./passkeys/passkeys.ts"
import { TURN_SECONDS } from "./throttle/throttle.ts"

const DEVICE_DAYS = 180

/** The cookie of a passkey's ceremony under way. */
export function passkeyCookie(origin: string): Cookie {
  return cookie(origin, "nightlight-passkey", CHALLENGE_MINUTES * 60)
}

/** The cookie of a single sign-on under way. */
export function oidcCookie(origin: string): Cookie {
  return cookie(origin, "nightlight-oidc", OIDC_MINUTES * 60)
}

/**
 * The cookie that tells a browser which signed a person in before: it opens nothing, and keeps strangers' failures from
 * making that person wait.
 */
export function deviceCookie(origin: string): Cookie {
  return cookie(origin, "nightlight-device", DEVICE_DAYS * 86_400)
}

/** The cookie that keeps the turn of a browser which was told to wait; it opens nothing. */
export function turnCookie(origin: string): Cookie {
  return cookie(origin, "nightlight-turn", TURN_SECONDS.last)
}
