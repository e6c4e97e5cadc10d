/**
 * The cookies: the session's, the one that waits while a browser is with an issuer, the one that a browser is known by,
 * and the one that keeps its turn.
 * @module
 */
import type { FastifyReply, FastifyRequest } from "fastify"
import { OIDC_MINUTES } from "./oidc.ts"
import { CHALLENGE_MINUTES } from "./passkeys.ts"
import { SESSION_HOURS } from "./sessions.ts"
import { TURN_SECONDS } from "./throttle.ts"

const DEVICE_DAYS = 180

/** Reads and writes a cookie. */
export interface Cookie {
  read(request: FastifyRequest): string | undefined
  write(reply: FastifyReply, value: string): void
  clear(reply: FastifyReply): void
}

/** The session's cookie. `__Host-` keeps it to this very host over TLS; plain http is for loopback, where it cannot be. */
export function sessionCookie(origin: string): Cookie {
  return cookie(origin, "nightlight", SESSION_HOURS * 3600)
}

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

function cookie(origin: string, plain: string, maxAge: number): Cookie {
  const secure = origin.startsWith("https:")
  const name = secure ? `__Host-${plain}` : plain
  const options = { path: "/", httpOnly: true, sameSite: "strict", secure } as const
  return {
    read: (request) => request.cookies[name],
    write: (reply, value) => void reply.setCookie(name, value, { ...options, maxAge }),
    clear: (reply) => void reply.clearCookie(name, options),
  }
}
