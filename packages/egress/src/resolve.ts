import { Resolver as DnsResolver } from "node:dns/promises"
import { DependencyError } from "@nightlight/core"

/**
 * Finds all addresses of a host, of both families.
 *
 * Called once for each request and each redirect; its answer is checked, and the connection goes to one of its
 * addresses. Throws or returns an empty list when there are none.
 */
export type Resolver = (host: string, signal: AbortSignal) => Promise<readonly string[]>

/** Options of {@link dnsResolver}. */
export interface DnsResolverOptions {
  /** Name servers as `address:port`; the system's by default. */
  readonly servers?: readonly string[]
}

/**
 * A resolver that queries the name servers directly.
 *
 * It ignores the hosts file and search domains, because a name from content means the public name. A query does not
 * occupy a thread of the process, and ends with the signal.
 */
export function dnsResolver({ servers }: DnsResolverOptions = {}): Resolver {
  return async (host, signal) => {
    signal.throwIfAborted()
    const dns = new DnsResolver({ timeout: 2000, tries: 2 })
    if (servers !== undefined) dns.setServers(servers)
    const cancel = () => dns.cancel()
    signal.addEventListener("abort", cancel, { once: true })
    try {
      const answers = await Promise.allSettled([dns.resolve4(host), dns.resolve6(host)])
      signal.throwIfAborted()
      return answers.flatMap((answer) => (answer.status === "fulfilled" ? answer.value : []))
    } finally {
      signal.removeEventListener("abort", cancel)
    }
  }
}

/**
 * Queries a resolver: does not pass its errors on, and does not wait for it after the signal.
 *
 * @throws {DependencyError} `unavailable` if there is no address.
 */
export async function resolveHost(resolve: Resolver, host: string, signal: AbortSignal): Promise<readonly string[]> {
  const found = await untilAborted(
    resolve(host, signal).catch(() => []),
    signal,
  )
  if (found.length === 0) {
    throw new DependencyError("unavailable", "the host has no address", { details: { reason: "dns", host } })
  }
  return found
}

/** Settles like the promise, or rejects with the signal's reason as soon as it is aborted. */
export async function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted()
  const { promise: aborted, reject } = Promise.withResolvers<never>()
  const onAbort = () => reject(signal.reason)
  signal.addEventListener("abort", onAbort, { once: true })
  try {
    return await Promise.race([promise, aborted])
  } finally {
    signal.removeEventListener("abort", onAbort)
  }
}
