import { describe, expect, it } from "vitest"
import { createEgress } from "../src/index.ts"
import { egressTo, failure, HOST, urlOf, WIDE } from "./support/egress.ts"
import { webServer } from "./support/servers.ts"

/** Internal hosts, and the reason for which a URL that names them is refused. */
const INSIDE: readonly (readonly [host: string, reason: string])[] = [
  ["127.0.0.1", "not_public"],
  ["127.1", "host"],
  ["127.0.0.1.", "host"],
  ["0177.0.0.1", "host"],
  ["0x7f.0.0.1", "host"],
  ["0x7f000001", "host"],
  ["2130706433", "host"],
  ["017700000001", "host"],
  ["127.0.0.01", "host"],
  ["%31%32%37.0.0.1", "malformed"],
  ["１２７.0.0.1", "host"],
  ["127。0。0。1", "host"],
  ["①②⑦.0.0.1", "host"],
  ["0.0.0.0", "not_public"],
  ["0", "host"],
  ["[::1]", "not_public"],
  ["[::]", "not_public"],
  ["[0:0:0:0:0:0:0:1]", "not_public"],
  ["[::ffff:127.0.0.1]", "not_public"],
  ["[::ffff:7f00:1]", "not_public"],
  ["[::127.0.0.1]", "not_public"],
  ["[64:ff9b::127.0.0.1]", "not_public"],
  ["[64:ff9b:1::7f00:1]", "not_public"],
  ["[2002:7f00:1::]", "not_public"],
  ["[2002:808:808::]", "not_public"],
  ["[2001:0:808:808::f7f7:f7f7]", "not_public"],
  ["[2606:4700::5efe:7f00:1]", "not_public"],
  ["[fe80::1]", "not_public"],
  ["[fe80::1%25eth0]", "malformed"],
  ["[fc00::1]", "not_public"],
  ["[fd00:ec2::254]", "not_public"],
  ["[ff02::1]", "not_public"],
  ["[2001:db8::1]", "not_public"],
  ["[v1.x]", "malformed"],
  ["[::1", "malformed"],
  ["169.254.169.254", "not_public"],
  ["169.254.170.2", "not_public"],
  ["100.100.100.200", "not_public"],
  ["168.63.129.16", "not_public"],
  ["192.0.0.192", "not_public"],
  ["0xa9fea9fe", "host"],
  ["[::ffff:169.254.169.254]", "not_public"],
  ["10.0.0.1", "not_public"],
  ["172.16.0.1", "not_public"],
  ["172.31.255.255", "not_public"],
  ["192.168.0.1", "not_public"],
  ["100.64.0.1", "not_public"],
  ["198.18.0.1", "not_public"],
  ["224.0.0.1", "not_public"],
  ["255.255.255.255", "not_public"],
  ["localhost", "host"],
  ["LOCALHOST.", "host"],
  ["a.localhost", "host"],
  ["metadata", "host"],
  ["metadata.google.internal", "host"],
  ["printer.local", "host"],
  ["router.home.arpa", "host"],
]

const noOne = async () => {
  throw new Error("this must not be looked up")
}

describe("an internal address", () => {
  it.each(INSIDE)("is refused when a URL names it: %s", async (host, reason) => {
    const egress = createEgress({ resolve: noOne })
    for (const scheme of ["http", "https"]) {
      const refused = await failure(egress.fetchBytes(`${scheme}://${host}/latest/meta-data/`, WIDE))
      expect(refused).toMatchObject({ code: "address_refused", reason })
    }
  })

  it.each(INSIDE)("is refused when a redirect names it: %s", async (host, reason) => {
    await using server = await webServer((_, response) => {
      response.writeHead(302, { location: Buffer.from(`http://${host}/`).toString("latin1") }).end()
    })
    const refused = await failure(egressTo([server]).fetchBytes(urlOf(server), WIDE))
    expect(refused.code).toBe("address_refused")
    // Bytes beyond ASCII arrive in another form, and are refused in that one.
    if (/^[!-~]+$/.test(host)) expect(refused.reason).toBe(reason)
    expect(server.requests.length).toBe(1)
  })

  it.each([
    ["10.0.0.1"],
    ["8.8.8.8", "10.0.0.1"],
    ["2606:4700::1", "::1"],
    ["::ffff:10.0.0.1"],
    ["169.254.169.254"],
    ["127.0.0.1"],
    ["127.1"],
    ["0x7f000001"],
    ["fe80::1%lo"],
    ["localhost"],
    [""],
  ])("is refused when a name resolves to it, even among others: %j", async (...addresses) => {
    await using server = await webServer((_, response) => response.end("inside"))
    const egress = createEgress({ resolve: async () => addresses, allowedPorts: [server.endpoint.port] })
    expect(await failure(egress.fetchBytes(urlOf(server), WIDE))).toMatchObject({
      code: "address_refused",
      reason: "not_public",
    })
    expect(server.connections.length).toBe(0)
  })

  it("is not reached by a name that resolves to it at a second look-up, because there is only one look-up", async () => {
    await using inside = await webServer((_, response) => response.end("inside"), { address: "127.0.0.2" })
    const { port } = inside.endpoint
    await using outside = await webServer((_, response) => response.end("outside"), { port })
    const lookUps: string[] = []
    const egress = egressTo([outside], {
      resolve: async (host) => {
        lookUps.push(host)
        return [lookUps.length === 1 ? "127.0.0.1" : "127.0.0.2"]
      },
    })
    const { bytes } = await egress.fetchBytes(urlOf(outside), WIDE)
    expect(Buffer.from(bytes).toString()).toBe("outside")
    expect(lookUps).toEqual([HOST])
    expect(await failure(egress.fetchBytes(urlOf(outside), WIDE))).toMatchObject({ reason: "not_public" })
    expect(inside.connections.length).toBe(0)
  })

  it("is not reached by a redirect to the same name that now resolves to it", async () => {
    await using server = await webServer((_, response) => {
      response.writeHead(307, { location: "/again" }).end()
    })
    let lookUps = 0
    const egress = egressTo([server], { resolve: async () => [lookUps++ === 0 ? "127.0.0.1" : "10.0.0.1"] })
    expect(await failure(egress.fetchBytes(urlOf(server), WIDE))).toMatchObject({ reason: "not_public" })
    expect(server.requests.length).toBe(1)
  })

  it("is allowed for a test only at the exact address and port", async () => {
    await using allowed = await webServer((_, response) => response.end("allowed"))
    await using other = await webServer((_, response) => response.end("other"))
    const egress = egressTo([allowed])
    expect(await failure(egress.fetchBytes(urlOf(other), WIDE))).toMatchObject({ reason: "port" })
    const elsewhere = egressTo([allowed], { resolve: async () => ["127.0.0.2"] })
    expect(await failure(elsewhere.fetchBytes(urlOf(allowed), WIDE))).toMatchObject({ reason: "not_public" })
    expect(other.connections.length).toBe(0)
  })

  it("can be any range that the operator refuses", async () => {
    const egress = createEgress({ resolve: async () => ["8.8.8.8"], alsoRefuse: ["8.8.0.0/16", "2606:4700::/32"] })
    for (const host of [HOST, "8.8.4.4", "[2606:4700::1]", "[::ffff:8.8.8.8]", "[64:ff9b::808:808]"]) {
      expect(await failure(egress.fetchBytes(`http://${host}/`, WIDE))).toMatchObject({ reason: "not_public" })
    }
  })
})

describe("a URL", () => {
  it.each([
    ["http://user@a.example/", "userinfo"],
    ["http://user:pass@a.example/", "userinfo"],
    ["http://a.example@127.0.0.1/", "userinfo"],
    ["http://a.example:80@127.0.0.1/", "userinfo"],
    ["http://@a.example/", "userinfo"],
    ["http://a.example:22/", "port"],
    ["http://a.example:8080/", "port"],
    ["https://a.example:6379/", "port"],
    ["http://a.example:0/", "malformed"],
    ["http://a.example:/", "malformed"],
    ["http://a.example:080/", "malformed"],
    ["http://a.example:65536/", "malformed"],
    ["http://a.example:99999999/", "malformed"],
    ["http://a.example:8o/", "malformed"],
    ["http:/a.example/", "malformed"],
    ["http:a.example/", "malformed"],
    ["http:///a.example/", "malformed"],
    ["http:\\\\a.example/", "malformed"],
    ["http://a.example\\@127.0.0.1/", "malformed"],
    ["http://a.example/ x", "malformed"],
    [" http://a.example/", "malformed"],
    ["http://a.exa\tmple/", "malformed"],
    ["http://a.example/\r\nhost: b", "malformed"],
    ["//a.example/", "malformed"],
    ["a.example", "malformed"],
    ["", "malformed"],
    ["http://", "malformed"],
    ["http://?a.example", "malformed"],
    ["http://a..example/", "host"],
    ["http://a.example../", "host"],
    ["http://.a.example/", "host"],
    ["http://-a.example/", "host"],
    ["http://a!b.example/", "host"],
    ["http://a,b.example/", "host"],
    [`http://${"a".repeat(64)}.example/`, "host"],
    ["http://a\u00ad/", "host"],
    ["http://a\u2024example/", "malformed"],
    ["ftp://a.example/", "scheme"],
    ["file:///etc/passwd", "scheme"],
    ["data:text/plain,x", "scheme"],
    ["gopher://127.0.0.1:6379/_x", "scheme"],
    ["javascript:1", "scheme"],
    ["unix:/var/run/docker.sock", "scheme"],
    ["blob:http://a.example/x", "scheme"],
  ])("is refused without a look-up: %s", async (url, reason) => {
    const egress = createEgress({ resolve: noOne })
    expect(await failure(egress.fetchBytes(url, WIDE))).toMatchObject({ code: "address_refused", reason })
  })

  it("is refused when it is too long, also in a redirect", async () => {
    await using server = await webServer((_, response) => {
      response.writeHead(302, { location: `/${"x".repeat(9000)}` }).end()
    })
    const egress = egressTo([server])
    const long = await failure(egress.fetchBytes(`http://a.example/${"x".repeat(9000)}`, WIDE))
    expect(long).toMatchObject({ code: "address_refused", reason: "too_long" })
    expect(await failure(egress.fetchBytes(urlOf(server), WIDE))).toMatchObject({ code: "address_refused" })
  })

  it.each([
    ["HTTP://Pictures.Example/a", "pictures.example"],
    ["http://pictures.example./a", "pictures.example"],
    ["http://bücher.example/a", "xn--bcher-kva.example"],
    ["http://ＰＩＣ.example/a", "pic.example"],
    ["https://a_b.cdn-1.example:443/a?b=%20", "a_b.cdn-1.example"],
    ["http://a.example?x@y", "a.example"],
  ])("is looked up by one plain name: %s", async (url, name) => {
    const names: string[] = []
    const resolve = async (host: string) => {
      names.push(host)
      return []
    }
    expect(await failure(createEgress({ resolve }).fetchBytes(url, WIDE))).toMatchObject({
      code: "unavailable",
      reason: "dns",
    })
    expect(names).toEqual([name])
  })
})
