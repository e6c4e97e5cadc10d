import { BlockList } from "node:net"
import { RequestError } from "@nightlight/core"
import type { Block } from "./address/block.ts"
import { isPublicUnicast } from "./address/public-unicast.ts"
import { refusal } from "./refusal.ts"
import { type Resolver, resolveHost } from "./resolve.ts"
import type { Target } from "./target.ts"

/** Where a test's server listens. */
export interface LoopbackEndpoint {
  readonly address: string
  readonly port: number
}

/** What decides which addresses may be connected to. */
export interface AddressRules {
  readonly resolve: Resolver
  readonly allowedPorts: readonly number[]
  readonly alsoRefused: readonly Block[]
  readonly loopback: readonly LoopbackEndpoint[]
}

/**
 * Looks a target's host up, once, and checks every address found.
 *
 * @returns addresses to connect to, in the resolver's order; nothing else may be connected to.
 * @throws {RequestError} `address_refused` if the port, or any of the addresses, is not allowed.
 * @throws {DependencyError} `unavailable` if there is no address.
 */
export async function checkAddresses(
  { host, isLiteral, port }: Target,
  { resolve, allowedPorts, alsoRefused, loopback }: AddressRules,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const ofTests = loopback.filter((endpoint) => endpoint.port === port).map(({ address }) => address)
  const isPortAllowed = allowedPorts.includes(port)
  if (!isPortAllowed && ofTests.length === 0) throw refusal("port", host)
  const addresses = isLiteral ? [host] : await resolveHost(resolve, host, signal)
  const isAllowed = (address: string) =>
    ofTests.includes(address) || (isPortAllowed && isPublicUnicast(address, alsoRefused))
  if (!addresses.every(isAllowed)) throw refusal("not_public", host)
  return addresses
}

/**
 * Refuses, for tests, all but loopback addresses written the usual way.
 *
 * @throws {RequestError} `input_invalid`.
 */
export function loopbackEndpoints(endpoints: readonly LoopbackEndpoint[]): readonly LoopbackEndpoint[] {
  const loopback = new BlockList()
  loopback.addSubnet("127.0.0.0", 8, "ipv4")
  loopback.addAddress("::1", "ipv6")
  const isLoopback = (address: string) => loopback.check(address, address.includes(":") ? "ipv6" : "ipv4")
  if (endpoints.every(({ address, port }) => isLoopback(address) && Number.isInteger(port))) return endpoints
  throw new RequestError("input_invalid", "only a loopback address and a port can be allowed for a test")
}
