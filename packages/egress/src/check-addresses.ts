import { BlockList } from "node:net"
import { RequestError } from "@nightlight/core"
import type { Block } from "./address/block.ts"
import { isPublicUnicast } from "./address/public-unicast.ts"
import { refusal } from "./refusal.ts"
import { type Resolver, resolveHost } from "./resolve.ts"
import type { Target } from "./target.ts"

/** Address and port of a test server. */
export interface LoopbackEndpoint {
  readonly address: string
  readonly port: number
}

/** Rules for the addresses that may be connected to. */
export interface AddressRules {
  readonly resolve: Resolver
  readonly allowedPorts: readonly number[]
  readonly alsoRefused: readonly Block[]
  readonly loopback: readonly LoopbackEndpoint[]
}

/**
 * Looks up a target's host once, and checks every address found.
 *
 * @returns the only addresses to connect to, in the resolver's order.
 * @throws {RequestError} `address_refused` if the port or any of the addresses is not allowed.
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
 * Refuses everything except loopback addresses in their usual form; for tests.
 *
 * @throws {RequestError} `input_invalid`.
 */
export function loopbackEndpoints(endpoints: readonly LoopbackEndpoint[]): readonly LoopbackEndpoint[] {
  const loopback = new BlockList()
  loopback.addSubnet("127.0.0.0", 8, "ipv4")
  loopback.addAddress("::1", "ipv6")
  const isLoopback = (address: string) => loopback.check(address, address.includes(":") ? "ipv6" : "ipv4")
  if (endpoints.every(({ address, port }) => isLoopback(address) && Number.isInteger(port))) return endpoints
  throw new RequestError("input_invalid", "tests can allow only a loopback address with a port")
}
