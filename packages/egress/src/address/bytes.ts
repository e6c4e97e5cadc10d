import { isIPv6 } from "node:net"

/**
 * Parses an IP address in its usual form.
 *
 * @param text - four decimal numbers, or any IPv6 spelling without a zone; no octal, hexadecimal, short or padded IPv4
 * form.
 * @returns 4 or 16 bytes in network order; `undefined` if the text is not an address.
 */
export function parseAddress(text: string): Uint8Array | undefined {
  if (!text.includes(":")) return parseIpv4(text)
  return isIPv6(text) && !text.includes("%") ? parseIpv6(text) : undefined
}

/** Whether two addresses are the same bytes. */
export function sameAddress(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index])
}

function parseIpv4(text: string): Uint8Array | undefined {
  const parts = text.split(".")
  const isUsual = parts.length === 4 && parts.every((part) => /^(?:0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255)
  return isUsual ? Uint8Array.from(parts, Number) : undefined
}

/** The text is known to be an IPv6 address: at most one `::`, and an IPv4 tail only at the end. */
function parseIpv6(text: string): Uint8Array | undefined {
  const [head = "", tail] = text.split("::")
  const front = groupsOf(head)
  const back = tail === undefined ? [] : groupsOf(tail)
  const bytes = new Uint8Array(16)
  if (front.length + back.length > bytes.length) return undefined
  bytes.set(front)
  bytes.set(back, bytes.length - back.length)
  return bytes
}

function groupsOf(text: string): number[] {
  if (text === "") return []
  return text.split(":").flatMap((group) => {
    if (group.includes(".")) return [...(parseIpv4(group) ?? [])]
    const value = Number.parseInt(group, 16)
    return [value >> 8, value & 0xff]
  })
}
