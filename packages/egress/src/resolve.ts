import { Resolver as DnsResolver } from "node:dns/promises"
import { DependencyError } from "@nightlight/core"

/**
 * Finds all addresses of a host, of both families.
 *
 * Called once for each request and each redirect; what it returns is checked, and nothing else is connected to. Throws
 * or returns an empty list when there are none.
 */
export type Resolver = (host: string, signal: AbortSignal) => Promise<readonly string[]>

/** Options of {@link dnsResolver}. */
export interface DnsResolverOptions {
  /** Name servers as `address:port`; the system's by default. */
  readonly servers?: readonly string[]
}

/**
 * A resolver that asks the name servers themselves.
 *
 * Neither the hosts file nor a search domain counts: a name from content stands for what the public tree says. A query
 * holds no thread of the process and ends with the signal.
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
 * Asks a resolver, whatever it does: what it throws is not passed on, and it is not waited for after the signal.
 *
 * @throws {DependencyError} `unavailable` without any address.
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

/** The promise, or the signal's reason as soon as it is aborted. */
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
