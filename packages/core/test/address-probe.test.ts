import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { addressPrefix } from "../src/address-hash.ts"
import { AddressProbe } from "../src/address-probe.ts"
import { urlLookupKeys } from "../src/url-keys.ts"

/** Every prefix that an address is looked up by, in order. */
function askedFor(text: string, isPlain: boolean): readonly string[] | undefined {
  const asked = new Set<string>()
  const probe = new AddressProbe((upper, lower) => {
    asked.add(`${upper} ${lower}`)
    return false
  })
  const bytes = new TextEncoder().encode(`xx${text}yy`)
  if (isPlain) {
    if (probe.findPlain(bytes, 2, bytes.length - 2) === undefined) return undefined
  } else probe.find(bytes, 2, bytes.length - 2)
  return [...asked].sort()
}

function expected(text: string): readonly string[] {
  return [...new Set(urlLookupKeys(text).map((key) => addressPrefix(key).join(" ")))].sort()
}

const piece = fc.oneof(
  fc.constantFrom(..."abcXYZ019-._~!$&'()*+,;=:@/?#%[]|^`{}<>\"\\ \té\u0000".split("")),
  fc.constantFrom("%41", "%2e", "%2F", "%c3%a9", "%zz", "..", "./", "/../", "//", "%", "?x", "#"),
)
const label = fc.oneof(fc.constantFrom("a", "www", "example", "xn--a", "1", "0x7f", "A", "a--b", "", "com", "b_c", "é"))
const address = fc
  .record({
    scheme: fc.constantFrom("http://", "https://", "HTTP://", "ftp://", "", "http:/", "https:"),
    host: fc.array(label, { maxLength: 13 }).map((labels) => labels.join(".")),
    port: fc.constantFrom("", "", "", ":80", ":8080", ":"),
    rest: fc.array(piece, { maxLength: 40 }).map((pieces) => pieces.join("")),
    slash: fc.constantFrom("", "/", "/", "?"),
  })
  .map(({ scheme, host, port, slash, rest }) => `${scheme}${host}${port}${slash}${rest}`)

describe("the look-up of an address by its bytes", () => {
  it("asks for the same keys as the look-up by its text, whatever the address", () => {
    fc.assert(
      fc.property(fc.oneof(address, fc.webUrl({ withQueryParameters: true, withFragments: true })), (text) => {
        const isWellFormed = text.isWellFormed()
        if (isWellFormed) expect(askedFor(text, false)).toEqual(expected(text))
      }),
      { numRuns: 3_000 },
    )
  })

  it.each([
    "https://cdn.example.org/a/b/c.jpg",
    "http://a.b.c.d.e.f.g.h.i.j.example.org/x?y=z",
    "https://example.org",
    "https://example.org?x=1",
    "https://example.org/a%20b/%7Euser/x%c3%a9.png?w=200&h=%2F#top",
    `https://example.org/${"a/".repeat(30)}`,
    "https://localhost/x",
  ])("reads %s without making a text of it", (text) => {
    expect(askedFor(text, true)).toEqual(expected(text))
  })

  it("finds a host again after another address of it was not found", () => {
    const [wanted] = urlLookupKeys("https://one.example/b")
    const [upper, lower] = addressPrefix(wanted ?? "")
    const probe = new AddressProbe((a, b) => a === upper && b === lower)
    const find = (text: string) => probe.find(new TextEncoder().encode(text), 0, text.length)
    expect(["https://one.example/a", "https://one.example/b", "https://one.example/c"].map(find)).toEqual([
      false,
      true,
      false,
    ])
  })
})
