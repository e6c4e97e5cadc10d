/**
 * Decides which addresses are reachable from the whole internet, and not only from inside.
 *
 * Source: IANA's special-purpose address registries for IPv4 and IPv6 (RFC 6890 and what updated it), the IPv6 global
 * unicast allocations, and the clouds' pages on their metadata services. Where a registry allows a small exception
 * inside a reserved range, the exception is refused too.
 * @module
 */
import { type Block, isWithin, parseBlock } from "./block.ts"
import { parseAddress } from "./bytes.ts"

const IPV4_REFUSED: readonly Block[] = [
  "0.0.0.0/8", // this network
  "10.0.0.0/8", // private
  "100.64.0.0/10", // shared behind a carrier's NAT, and a cloud's metadata service
  "127.0.0.0/8", // loopback
  "168.63.129.16/32", // a cloud's host, from inside each of its machines
  "169.254.0.0/16", // link-local, and most clouds' metadata services
  "172.16.0.0/12", // private
  "192.0.0.0/24", // protocol assignments, and a cloud's metadata service
  "192.0.2.0/24", // documentation
  "192.31.196.0/24", // AS112
  "192.52.193.0/24", // multicast relays
  "192.88.99.0/24", // 6to4 relays
  "192.168.0.0/16", // private
  "192.175.48.0/24", // AS112
  "198.18.0.0/15", // benchmarking
  "198.51.100.0/24", // documentation
  "203.0.113.0/24", // documentation
  "224.0.0.0/4", // multicast
  "240.0.0.0/4", // reserved, and broadcast
].map(parseBlock)

/**
 * All of IPv6 that is allocated as global unicast. Loopback, private, link-local, multicast and other addresses are
 * outside it.
 */
const IPV6_GLOBAL = parseBlock("2000::/3")

const IPV6_REFUSED: readonly Block[] = [
  "2001::/23", // protocol assignments: Teredo, benchmarking, ORCHID
  "2001:db8::/32", // documentation
  "2002::/16", // 6to4: an IPv4 address of any kind inside
  "2620:4f:8000::/48", // AS112
  "3ffe::/16", // the former 6bone
  "3fff::/20", // documentation
].map(parseBlock)

/** Ranges whose last four bytes are the IPv4 address that is reached: mapped, and translated by NAT64. */
const IPV4_CARRIERS: readonly Block[] = ["::ffff:0:0/96", "64:ff9b::/96"].map(parseBlock)

/**
 * Whether an address is public unicast, also when it is embedded in another address.
 *
 * An IPv4 address embedded in an IPv6 one (mapped, NAT64, ISATAP) is checked itself; 6to4, Teredo, IPv4-compatible and
 * local NAT64 addresses are always refused.
 *
 * @param text - an address as a resolver returns it; any other text is not public.
 * @param alsoRefused - further ranges that the operator refuses.
 */
export function isPublicUnicast(text: string, alsoRefused: readonly Block[] = []): boolean {
  const address = parseAddress(text)
  return address !== undefined && isPublic(address, alsoRefused)
}

function isPublic(address: Uint8Array, alsoRefused: readonly Block[]): boolean {
  const isIn = (blocks: readonly Block[]) => blocks.some((block) => isWithin(address, block))
  if (isIn(alsoRefused)) return false
  if (address.length === 4) return !isIn(IPV4_REFUSED)
  if (isIn(IPV4_CARRIERS)) return isPublic(address.subarray(12), alsoRefused)
  if (!isWithin(address, IPV6_GLOBAL) || isIn(IPV6_REFUSED)) return false
  return !isIsatap(address) || isPublic(address.subarray(12), alsoRefused)
}

/** RFC 5214: an interface id of 00-00-5e-fe or 02-00-5e-fe, then the IPv4 address of the tunnel's end. */
function isIsatap(address: Uint8Array): boolean {
  return ((address[8] ?? 0) & 0xfd) === 0 && address[9] === 0 && address[10] === 0x5e && address[11] === 0xfe
}
