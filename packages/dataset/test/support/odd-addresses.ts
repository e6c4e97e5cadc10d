/**
 * Addresses and digests in every spelling that tables have, and what nearly is one.
 * @module
 */
import fc from "fast-check"
import { address } from "./addresses.ts"

const letters = "abcdefghijklmnopqrstuvwxyz0123456789-".split("")
const text = (unit: readonly string[], maxLength: number) => fc.string({ unit: fc.constantFrom(...unit), maxLength })

const scheme = fc.constantFrom(
  ..."https://|https://|http://|HTTP://|hTTps:\\/|https:///|http:\\\\|//|https:| https://|\thttps://|ht\ntps://|blob:https://|ws://|data:|".split(
    "|",
  ),
)
const user = fc.constantFrom("", "", "", "", "user@", "user:pw@", ":@", "a%40b@")
const label = fc.oneof(
  fc.constantFrom(..."a www example xn--mgba3a4f16a xn--a 0x7f 1 a--b a- -a b_c é ß EXAMPLE ０ %41 %2e".split(" ")),
  text(letters, 63),
)
const host = fc.oneof(
  fc.array(label, { minLength: 1, maxLength: 3 }).map((labels) => [...labels, "example"].join(".")),
  fc.constantFrom("example.com", "a.example.com", "b.a.example.com", "localhost"),
  fc.constantFrom(..."127.0.0.1 0x7f.1 0177.0.0.1 2130706433 127.1 256.1.1.1 1.2.3.4. 1..2 a.1 a.0x1".split(" ")),
  fc.constantFrom(..."[::1] [2001:DB8::1] [::ffff:1.2.3.4] [v1.x]".split(" ")),
)
const behindHost = fc.constantFrom("", "", "", ".", "..", ":80", ":443", ":8080", ":", ":00443", ":65536", ":x", "。")
const part = fc.constantFrom(
  ..."/ /a /b/c /p/1.jpg // /. /.. /%2e/ /%2e%2e/ %41 %2F %c3%a9 %zz % ? ?x=1 ?/./ # #end a ~ é 猫 ' | \\ ; \u0000 \u007f \u0080".split(
    " ",
  ),
  " ",
  "\t",
  "\n",
  "\ufeff",
)
const path = fc.oneof(
  fc.constantFrom("", "/", "/p/1.jpg", "/?x=1", "?x", `/${"folder/".repeat(20)}x.jpg?w=1`),
  fc.array(part, { maxLength: 14 }).map((parts) => parts.join("")),
  fc.nat(300).map((length) => `/${"a-b/c".repeat(60).slice(0, length)}`),
)
const end = fc.constantFrom("", "", "", "", " ", "\t", "\u0001", "\\", "svg", ";base64,", "; base64 ,")

/** Addresses of the web in odd spellings, around the borders of 16 bytes, and texts that are none. */
export const oddAddress = fc.oneof(
  address,
  fc.tuple(scheme, user, host, behindHost, path, end).map((parts) => parts.join("")),
)

const BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"

/** Bytes in base32 without its padding (RFC 4648). */
export function base32(bytes: Uint8Array): string {
  const bits = Array.from(bytes, (byte) => byte.toString(2).padStart(8, "0")).join("")
  return (bits.match(/.{1,5}/g) ?? []).map((five) => BASE32[Number.parseInt(five.padEnd(5, "0"), 2)]).join("")
}

const spelled: readonly ((digest: Buffer) => string)[] = [
  (digest) => digest.toString("hex"),
  (digest) => digest.toString("hex").toUpperCase(),
  (digest) => digest.toString("base64"),
  (digest) => digest.toString("base64url"),
  base32,
  (digest) => base32(digest).toLowerCase(),
]
const blank = fc.oneof(
  fc.constantFrom("", "", " ", '"', "'\t", "\u00a0", "\u3000", "\ufeff"),
  fc.nat(90).map((count) => " ".repeat(count)),
)

/** Spellings of a digest, by any of the ways that are read, and some that are not. */
export const spelling: fc.Arbitrary<(digest: Buffer) => string> = fc
  .tuple(blank, fc.constantFrom("", "", "sha256:", "SHA-1=", "md5-", "0x"), fc.constantFrom(...spelled), blank)
  .map(
    ([before, name, spell, behind]) =>
      (digest) =>
        `${before}${name}${spell(digest)}${behind}`,
  )
