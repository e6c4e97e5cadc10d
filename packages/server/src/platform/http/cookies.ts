import type { FastifyReply, FastifyRequest } from "fastify"

/** One cookie of this origin. */
export interface Cookie {
  read(request: FastifyRequest): string | undefined
  write(reply: FastifyReply, value: string): void
  clear(reply: FastifyReply): void
}

/**
 * Makes the reader and writer of a cookie. `__Host-` binds it to this very host over TLS; plain http on loopback cannot
 * use it.
 *
 * @param origin - `https://nightlight.example`.
 * @param plain - Its name without a prefix.
 * @param maxAge - Seconds that a browser keeps it.
 */
export function cookie(origin: string, plain: string, maxAge: number): Cookie {
  const secure = origin.startsWith("https:")
  const name = secure ? `__Host-${plain}` : plain
  const options = { path: "/", httpOnly: true, sameSite: "strict", secure } as const
  return {
    read: (request) => request.cookies[name],
    write: (reply, value) => void reply.setCookie(name, value, { ...options, maxAge }),
    clear: (reply) => void reply.clearCookie(name, options),
  }
}

/** Maximum lifetime of a session. */
export const SESSION_HOURS = 8

/** The session's cookie. `__Host-` binds it to this very host over TLS; plain http on loopback cannot use it. */
export function sessionCookie(origin: string): Cookie {
  return cookie(origin, "nightlight", SESSION_HOURS * 3600)
}
