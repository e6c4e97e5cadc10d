import fc from "fast-check"

/** Internal blocks, each with the addresses just before and just after it where they are public. */
export const INSIDE_IPV4 = [
  "0.0.0.0/8",
  "10.0.0.0/8",
  "100.64.0.0/10",
  "127.0.0.0/8",
  "169.254.0.0/16",
  "172.16.0.0/12",
  "192.0.0.0/24",
  "192.0.2.0/24",
  "192.168.0.0/16",
  "198.18.0.0/15",
  "198.51.100.0/24",
  "203.0.113.0/24",
  "224.0.0.0/4",
  "240.0.0.0/4",
  "168.63.129.16/32",
] as const

/** Any IPv4 address as a number, often near the edge of a block. */
export const ipv4Number = fc.oneof(
  fc.nat(0xffffffff),
  fc
    .tuple(fc.constantFrom(...INSIDE_IPV4), fc.integer({ min: -2, max: 1 }))
    .map(([block, step]) => clamp(step < 0 ? first(block) + step + 1 : last(block) + step)),
)

/** An internal IPv4 address. */
export const insideIpv4 = fc
  .constantFrom(...INSIDE_IPV4)
  .chain((block) => fc.integer({ min: first(block), max: last(block) }))

/** Four decimal numbers. */
export function dotted(value: number): string {
  return bytesOf(value).join(".")
}

/** Two groups of hexadecimal digits, as the tail of an IPv6 address. */
export function groups(value: number): string {
  return `${(value >>> 16).toString(16)}:${(value & 0xffff).toString(16)}`
}

/** Every way to write an IPv4 address in a URL that some program reads as that address. */
export const IPV4_SPELLINGS: Readonly<Record<string, (value: number) => string>> = {
  dotted,
  "trailing dot": (value) => `${dotted(value)}.`,
  decimal: String,
  hexadecimal: (value) => `0x${value.toString(16)}`,
  "capital hexadecimal": (value) => `0X${value.toString(16).toUpperCase()}`,
  octal: (value) => `0${value.toString(8)}`,
  "octal parts": (value) =>
    bytesOf(value)
      .map((byte) => `0${byte.toString(8)}`)
      .join("."),
  "hexadecimal parts": (value) =>
    bytesOf(value)
      .map((byte) => `0x${byte.toString(16)}`)
      .join("."),
  "padded parts": (value) =>
    bytesOf(value)
      .map((byte) => String(byte).padStart(3, "0"))
      .join("."),
  "two parts": (value) => `${value >>> 24}.${value & 0xffffff}`,
  "three parts": (value) => `${value >>> 24}.${(value >>> 16) & 0xff}.${value & 0xffff}`,
  "wide digits": (value) => dotted(value).replace(/\d/g, (digit) => String.fromCodePoint(0xff10 + Number(digit))),
  "ideographic stops": (value) => dotted(value).replaceAll(".", "。"),
  "percent-encoded": (value) => dotted(value).replace(/\d/g, (digit) => `%3${digit}`),
  mapped: (value) => `[::ffff:${dotted(value)}]`,
  "mapped groups": (value) => `[::FFFF:${groups(value)}]`,
  "mapped, written out": (value) => `[0:0:0:0:0:ffff:${groups(value)}]`,
  compatible: (value) => `[::${dotted(value)}]`,
  translated: (value) => `[::ffff:0:${dotted(value)}]`,
  nat64: (value) => `[64:ff9b::${dotted(value)}]`,
  "local nat64": (value) => `[64:ff9b:1::${dotted(value)}]`,
  "6to4": (value) => `[2002:${groups(value)}::1]`,
  teredo: (value) => `[2001:0:808:808:0:0:${groups(~value >>> 0)}]`,
  isatap: (value) => `[2606:4700::5efe:${groups(value)}]`,
}

function bytesOf(value: number): number[] {
  return [24, 16, 8, 0].map((shift) => (value >>> shift) & 0xff)
}

function first(block: string): number {
  const [address = ""] = block.split("/")
  return address.split(".").reduce((value, byte) => value * 256 + Number(byte), 0)
}

function last(block: string): number {
  return first(block) + 2 ** (32 - Number(block.split("/")[1])) - 1
}

function clamp(value: number): number {
  return Math.min(0xffffffff, Math.max(0, value))
}
