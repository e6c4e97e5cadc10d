import fc from "fast-check"

const piece = fc.oneof(
  fc.constantFrom(..."abcXYZ019-._~!$&'()*+,;=:@/?#%[]|^`{}<>\"\\ \té\u0000".split("")),
  fc.constantFrom("%41", "%2e", "%2F", "%c3%a9", "%C3%A9", "%zz", "..", "./", "/../", "//", "%", "?x", "#", "folder/"),
)
const label = fc.oneof(fc.constantFrom("a", "www", "example", "xn--a", "1", "0x7f", "A", "a--b", "", "com", "b_c", "é"))
/** Addresses of the web, and what nearly is one. */
export const address = fc
  .record({
    scheme: fc.constantFrom("http://", "https://", "https://", "HTTP://", "ftp://", "", "http:/", "https:"),
    host: fc.array(label, { maxLength: 13 }).map((labels) => labels.join(".")),
    port: fc.constantFrom("", "", "", ":80", ":8080", ":"),
    rest: fc.array(piece, { maxLength: 40 }).map((pieces) => pieces.join("")),
    slash: fc.constantFrom("", "/", "/", "?"),
  })
  .map(({ scheme, host, port, slash, rest }) => `${scheme}${host}${port}${slash}${rest}`)
