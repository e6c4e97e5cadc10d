/**
 * Decides which addresses of a dataset's metadata may appear in a report: those that anybody could request. An address
 * within an operator's own network, or one that contains credentials, reveals the operator and nothing about the
 * source.
 * @module
 */
import { BlockList, isIP } from "node:net"

/** Longest URL that the CyberTipline accepts. */
const MAX_URL_LENGTH = 2083

/** Names that are used within a network (RFC 6762, RFC 8375, RFC 6761, and common use). */
const INTERNAL_SUFFIX = /(?:^|\.)(?:localhost|localdomain|local|internal|intranet|private|corp|home|lan|home\.arpa)$/

const OWN_NETWORKS = new BlockList()
for (const [network, prefix] of [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.168.0.0", 16],
] as const) {
  OWN_NETWORKS.addSubnet(network, prefix, "ipv4")
}
for (const [network, prefix] of [
  ["::", 127],
  ["fc00::", 7],
  ["fe80::", 10],
] as const) {
  OWN_NETWORKS.addSubnet(network, prefix, "ipv6")
}

/**
 * An address in the form for a report, without credentials; `undefined` if others could not request it: of another
 * scheme, within a network, or too long. It is never opened.
 */
export function publicUrl(text: string): string | undefined {
  if (/\s/.test(text) || !URL.canParse(text)) return undefined
  const url = new URL(text)
  if (!/^https?:$/.test(url.protocol) || !isPublicHost(url.hostname)) return undefined
  const hasCredentials = url.username !== "" || url.password !== ""
  url.username = ""
  url.password = ""
  // In the dataset's own spelling, if nothing had to be removed.
  const shown = hasCredentials ? url.href : text
  return shown.length > MAX_URL_LENGTH ? undefined : shown
}

function isPublicHost(hostname: string): boolean {
  const host = hostname
    .replace(/^\[|\]$/g, "")
    .replace(/\.$/, "")
    .toLowerCase()
  const family = isIP(host)
  if (family !== 0) return !OWN_NETWORKS.check(host, family === 4 ? "ipv4" : "ipv6")
  return host.includes(".") && !INTERNAL_SUFFIX.test(host)
}
