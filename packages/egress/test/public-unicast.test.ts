import { BlockList } from "node:net"
import fc from "fast-check"
import ipaddr from "ipaddr.js"
import { describe, expect, it } from "vitest"
import { isPublicUnicast } from "../src/index.ts"
import { dotted, groups, insideIpv4, ipv4Number } from "./support/addresses.ts"

/**
 * Whether another library calls an address unicast; it does not know the one public address that a cloud uses
 * internally.
 */
function isUnicastElsewhere(text: string): boolean {
  return ipaddr.parse(text).range() === "unicast" && text !== "168.63.129.16"
}

const groupsOf = (values: readonly number[]) => values.map((value) => value.toString(16)).join(":")

const ipv6 = fc.oneof(
  fc.ipV6(),
  fc.array(fc.nat(0xffff), { minLength: 8, maxLength: 8 }).map(groupsOf),
  fc.array(fc.nat(0xffff), { minLength: 7, maxLength: 7 }).map((rest) => `2001:${groupsOf(rest)}`),
  fc
    .tuple(
      fc.constantFrom(
        "2001:0",
        "2001:2",
        "2001:10",
        "2001:20",
        "2001:1ff",
        "2001:200",
        "2001:db8",
        "2001:db9",
        "2002:0",
      ),
      fc.array(fc.nat(0xffff), { minLength: 6, maxLength: 6 }),
    )
    .map(([start, rest]) => `${start}:${groupsOf(rest)}`),
)

describe("public unicast", () => {
  it("agrees with another library's table on IPv4 addresses", () => {
    fc.assert(
      fc.property(ipv4Number, (value) => {
        expect(isPublicUnicast(dotted(value))).toBe(isUnicastElsewhere(dotted(value)))
      }),
      { numRuns: 5000 },
    )
  })

  it("excludes every IPv6 address that another library's table calls special", () => {
    fc.assert(
      fc.property(ipv6, (address) => {
        const range = ipaddr.parse(address).range()
        if (range === "rfc6052" || range === "ipv4Mapped") return
        if (isPublicUnicast(address)) expect(range).toBe("unicast")
      }),
      { numRuns: 5000 },
    )
  })

  it("includes every allocated IPv6 address without a special use", () => {
    const special = new BlockList()
    special.addSubnet("2001::", 23, "ipv6")
    special.addSubnet("2001:db8::", 32, "ipv6")
    special.addSubnet("2002::", 16, "ipv6")
    special.addSubnet("2620:4f:8000::", 48, "ipv6")
    special.addSubnet("3ffe::", 16, "ipv6")
    special.addSubnet("3fff::", 20, "ipv6")
    const tail = fc.array(fc.nat(0xffff), { minLength: 7, maxLength: 7 })
    fc.assert(
      fc.property(fc.integer({ min: 0x2000, max: 0x3fff }), tail, (start, rest) => {
        fc.pre(rest[4] !== 0x5efe)
        const address = `${start.toString(16)}:${groupsOf(rest)}`
        expect(isPublicUnicast(address)).toBe(!special.check(address, "ipv6"))
      }),
      { numRuns: 5000 },
    )
  })

  it("includes a mapped or translated IPv4 address exactly when it includes the IPv4 address", () => {
    fc.assert(
      fc.property(
        ipv4Number,
        fc.constantFrom("::ffff:", "64:ff9b::", "2606:4700::5efe:", "2606:4700::200:5efe:"),
        (value, start) => {
          const isPublic = isUnicastElsewhere(dotted(value))
          expect(isPublicUnicast(start + groups(value))).toBe(isPublic)
          expect(isPublicUnicast(start + dotted(value))).toBe(isPublic)
        },
      ),
      { numRuns: 2000 },
    )
  })

  it("excludes IPv4 addresses in obsolete embeddings, public or not", () => {
    fc.assert(
      fc.property(ipv4Number, (value) => {
        const wrapped = [
          `::${groups(value)}`,
          `::ffff:0:${groups(value)}`,
          `64:ff9b:1::${groups(value)}`,
          `2002:${groups(value)}::1`,
          `2001::${groups(value)}`,
        ]
        for (const address of wrapped) expect(isPublicUnicast(address)).toBe(false)
      }),
    )
  })

  it("excludes every unallocated IPv6 address", () => {
    const start = fc.nat(0xffff).filter((value) => value < 0x2000 || value > 0x3fff)
    const tail = fc.array(fc.nat(0xffff), { minLength: 7, maxLength: 7 })
    fc.assert(
      fc.property(start, tail, (group, rest) => {
        fc.pre(group !== 0 && group !== 0x64)
        expect(isPublicUnicast(`${group.toString(16)}:${groupsOf(rest)}`)).toBe(false)
      }),
    )
  })

  it("does not depend on how an IPv6 address is written", () => {
    fc.assert(
      fc.property(ipv6, (address) => {
        // The other library reads any IPv4 tail as a mapped address.
        fc.pre(!address.includes("."))
        const parsed = ipaddr.IPv6.parse(address)
        const written = [parsed.toString(), parsed.toNormalizedString(), parsed.toRFC5952String()]
        for (const text of written.flatMap((one) => [one, one.toUpperCase()])) {
          expect(isPublicUnicast(text)).toBe(isPublicUnicast(address))
        }
      }),
    )
  })

  it("excludes text that is not an address in its usual form", () => {
    for (const text of [
      "",
      "a",
      "1",
      "8.8.8",
      "8.8.8.8.",
      "08.8.8.8",
      "0x8.8.8.8",
      "8.8.8.256",
      "8.8.8.8/32",
      " 8.8.8.8",
    ]) {
      expect(isPublicUnicast(text)).toBe(false)
    }
    for (const text of ["2606:4700::1%lo", "[2606:4700::1]", "2606:4700:::1", "2606::4700::1", "2606:4700::1:8.8.8"]) {
      expect(isPublicUnicast(text)).toBe(false)
    }
    expect(isPublicUnicast("8.8.8.8")).toBe(true)
    expect(isPublicUnicast("2606:4700::1")).toBe(true)
  })

  it("excludes every address of the internal blocks", () => {
    fc.assert(
      fc.property(insideIpv4, (value) => {
        expect(isPublicUnicast(dotted(value))).toBe(false)
      }),
    )
  })
})
