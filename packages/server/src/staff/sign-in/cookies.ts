import { type Cookie, cookie } from "../../platform/http/cookies.ts"
import { OIDC_MINUTES } from "./oidc/oidc.ts"
import { CHALLENGE_MINUTES } from "./passkeys/passkeys.ts"
import { TURN_SECONDS } from "./throttle/throttle.ts"

const DEVICE_DAYS = 180

/** The cookie of a passkey ceremony in progress. */
export function passkeyCookie(origin: string): Cookie {
  return cookie(origin, "nightlight-passkey", CHALLENGE_MINUTES * 60)
}

/** The cookie of a single sign-on in progress. */
export function oidcCookie(origin: string): Cookie {
  return cookie(origin, "nightlight-oidc", OIDC_MINUTES * 60)
}

/**
 * The cookie that marks a browser in which a person signed in before. It opens nothing; it keeps strangers' failures
 * from making that person wait.
 */
export function deviceCookie(origin: string): Cookie {
  return cookie(origin, "nightlight-device", DEVICE_DAYS * 86_400)
}

/** The cookie that keeps the turn of a browser that had to wait; it opens nothing. */
export function turnCookie(origin: string): Cookie {
  return cookie(origin, "nightlight-turn", TURN_SECONDS.last)
}
