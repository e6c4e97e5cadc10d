import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { urlEntryKey, urlLookupKeys } from "../src/url-keys.ts"

function isFound(entry: string, address: string): boolean {
  const key = urlEntryKey(entry)
  return key !== undefined && urlLookupKeys(address).includes(key)
}

describe("an address in a list", () => {
  it.each([
    ["https://example.org/a/b.jpg", "http://EXAMPLE.org:80/a/b.jpg#top"],
    ["https://example.org/a/b.jpg", "https://user:word@example.org./a/./x/../b.jpg"],
    ["https://example.org/a/b.jpg", "https://example.org/%61/b%2Ejpg"],
    ["https://example.org/a/b.jpg", "https://example.org/a/b.jpg?w=200"],
    ["https://example.org/%c3%a9", "https://example.org/é"],
    ["https://bücher.example/x", "https://xn--bcher-kva.example/x"],
    ["https://example.org", "https://example.org/"],
    ["example.org/a/b.jpg", "https://example.org/a/b.jpg"],
    ["https://example.org:8443/a", "https://example.org:8443/a"],
    ["https://example.org/a?b=c&d", "https://example.org/a?b=c&d"],
    ["https://example.org/a/*", "https://example.org/a/b/c.jpg"],
    ["example.org/*", "http://example.org/b/c.jpg?x"],
    ["example.org", "https://cdn.pictures.example.org:8080/x"],
    ["*.example.org", "https://example.org/x"],
    ["192.0.2.7", "http://192.0.2.7:8080/x"],
    ["http://[2001:db8::1]/x", "http://[2001:DB8:0::1]/x"],
  ])("%s is found as %s", (entry, address) => {
    expect(isFound(entry, address)).toBe(true)
  })

  it.each([
    ["https://example.org/a/b.jpg", "https://example.org/a/c.jpg"],
    ["https://example.org/a?b=c", "https://example.org/a"],
    ["https://example.org/a?b=c", "https://example.org/a?b=d"],
    ["https://example.org/", "https://example.org/a"],
    ["https://example.org/a/*", "https://example.org/ab/c.jpg"],
    ["example.org", "https://notexample.org/"],
    ["example.org", "https://example.org.evil.example/"],
    ["https://example.org/a", "https://other.example.org/a"],
  ])("%s is not found as %s", (entry, address) => {
    expect(isFound(entry, address)).toBe(false)
  })

  it.each([
    "",
    "  ",
    "no address",
    "localhost",
    "1234",
    "mailto:a@example.org",
    "data:text/plain,x",
    "ftp://example.org/x",
    "d41d8cd98f00b204e9800998ecf8427e",
  ])("%j is not an entry", (text) => {
    expect(urlEntryKey(text)).toBeUndefined()
  })

  it("is found by itself, whatever the address", () => {
    fc.assert(
      fc.property(fc.webUrl({ withQueryParameters: true, withFragments: true }), (url) => {
        expect(isFound(url, url)).toBe(true)
      }),
    )
  })

  it("gives few keys, and none that throws, for any text", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.webUrl(),
          fc.string().map((text) => `http://${text}`),
        ),
        (text) => {
          expect(urlLookupKeys(text).length).toBeLessThanOrEqual(32)
          expect(["string", "undefined"]).toContain(typeof urlEntryKey(text))
        },
      ),
    )
    expect(urlLookupKeys(`https://example.org/${"a/".repeat(50_000)}`)).toEqual([".example.org"])
  })
})
