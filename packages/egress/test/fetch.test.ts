import { describe, expect, it } from "vitest"
import { egressTo, failure, HOST, urlOf, WIDE } from "./support/egress.ts"
import { rawServer, webServer } from "./support/servers.ts"

const bytes = Uint8Array.from({ length: 200_000 }, (_, index) => index % 251)

describe("a fetch", () => {
  it("returns the bytes, the media type and the final URL", async () => {
    await using server = await webServer((_, response) => {
      response.setHeader("content-type", "Image/PNG; charset=x").end(bytes)
    })
    const fetched = await egressTo([server]).fetchBytes(urlOf(server, "/a?b=c#d"), WIDE)
    expect(fetched.bytes).toEqual(bytes)
    expect(fetched.contentType).toBe("image/png")
    expect(fetched.finalUrl).toBe(urlOf(server, "/a?b=c"))
  })

  it("does not identify the caller, returns no cookies and keeps no connection open", async () => {
    await using server = await webServer((_, response) => {
      response.setHeader("set-cookie", "a=b").end("x")
    })
    const egress = egressTo([server])
    await egress.fetchBytes(urlOf(server), { ...WIDE, accept: ["image/*", "text/plain"] }).catch(() => {})
    await egress.fetchBytes(urlOf(server), WIDE)
    expect(server.requests.map(({ headers }) => headers)).toEqual([
      expect.objectContaining({ accept: "image/*, text/plain" }),
      {
        host: `${HOST}:${server.endpoint.port}`,
        "user-agent": "Mozilla/5.0 (compatible)",
        accept: "*/*",
        "accept-encoding": "identity",
        connection: "close",
      },
    ])
    expect(server.connections.length).toBe(2)
  })

  it("ignores a proxy in the environment", async () => {
    await using proxy = await webServer((_, response) => response.end("proxy"))
    await using server = await webServer((_, response) => response.end("server"))
    const names = ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY", "NODE_USE_ENV_PROXY"]
    const before = names.map((name) => [name, process.env[name]] as const)
    for (const name of names) process.env[name] = `http://127.0.0.1:${proxy.endpoint.port}`
    try {
      const { bytes: got } = await egressTo([server, proxy]).fetchBytes(urlOf(server), WIDE)
      expect(Buffer.from(got).toString()).toBe("server")
    } finally {
      for (const [name, value] of before) {
        if (value === undefined) delete process.env[name]
        else process.env[name] = value
      }
    }
    expect(proxy.connections.length).toBe(0)
  })

  it("returns a body in chunks, and closes the connection when it is left half read", async () => {
    await using server = await webServer((_, response) => {
      response.write(bytes)
    })
    const { body } = await egressTo([server]).fetchStream(urlOf(server), WIDE)
    for await (const piece of body) {
      expect(piece.length).toBeGreaterThan(0)
      break
    }
    await expect.poll(() => server.connections.every(({ destroyed }) => destroyed)).toBe(true)
    expect(server.connections.length).toBe(1)
  })

  it.each([
    [404, "not_found"],
    [410, "not_found"],
    [429, "unavailable"],
    [500, "unavailable"],
    [206, "answer_malformed"],
    [304, "answer_malformed"],
  ])("does not accept status %i as content", async (status, code) => {
    await using server = await webServer((_, response) => {
      response.writeHead(status).end()
    })
    expect(await failure(egressTo([server]).fetchBytes(urlOf(server), WIDE))).toMatchObject({ code, reason: "status" })
  })

  it.each([
    ["image/png", ["image/*"], true],
    ["image/png; a=b", ["text/html", "image/png"], true],
    ["imagex/png", ["image/*"], false],
    ["text/html", ["image/*"], false],
    ["nonsense", ["image/*"], false],
  ])("checks type %s against %j", async (type, accept, isTaken) => {
    await using server = await webServer((_, response) => {
      response.setHeader("content-type", type).end("x")
    })
    const fetched = egressTo([server]).fetchBytes(urlOf(server), { ...WIDE, accept })
    if (isTaken) expect((await fetched).bytes.length).toBe(1)
    else expect(await failure(fetched)).toMatchObject({ code: "answer_malformed", reason: "content_type" })
  })

  it("follows three redirects, relative and absolute, but not a fourth", async () => {
    await using server = await webServer((request, response) => {
      const left = Number(request.url?.slice(-1))
      if (left === 0) response.end("x")
      else response.writeHead(302, { location: left % 2 === 1 ? `${left - 1}` : urlOf(server, `/${left - 1}`) }).end()
    })
    const egress = egressTo([server])
    expect((await egress.fetchBytes(urlOf(server, "/3"), WIDE)).finalUrl).toBe(urlOf(server, "/0"))
    expect(await failure(egress.fetchBytes(urlOf(server, "/4"), WIDE))).toMatchObject({
      code: "address_refused",
      reason: "redirects",
    })
  })

  it("distinguishes a host that refuses, one that breaks off and one that does not speak HTTP", async () => {
    const gone = await rawServer(() => {})
    await gone[Symbol.asyncDispose]()
    const refused = await failure(egressTo([gone]).fetchBytes(urlOf(gone), WIDE))
    expect(refused).toMatchObject({ code: "unavailable", reason: "connect" })

    await using cut = await rawServer((socket) => socket.end("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf"))
    expect(await failure(egressTo([cut]).fetchBytes(urlOf(cut), WIDE))).toMatchObject({ code: "unavailable" })

    await using other = await rawServer((socket) => socket.end("SSH-2.0-other\r\n"))
    expect(await failure(egressTo([other]).fetchBytes(urlOf(other), WIDE))).toMatchObject({
      code: "answer_malformed",
      reason: "http",
    })
  })

  it.each([
    "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
    "HTTP/1.1 200 OK\r\ncontent-length: x\r\n\r\n",
    "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n",
    "HTTP/1.1 200 OK\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
    "HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\n\r\n",
    "HTTP/1.1 302 Found\r\ncontent-length: 0\r\n\r\n",
    "HTTP/1.1 302 Found\r\nlocation: /a\r\nlocation: /b\r\ncontent-length: 0\r\n\r\n",
  ])("refuses the answer %j", async (answer) => {
    await using server = await rawServer((socket) => socket.end(answer))
    expect(await failure(egressTo([server]).fetchBytes(urlOf(server), WIDE))).toMatchObject({
      code: "answer_malformed",
    })
  })

  it("never reveals the URL in an error", async () => {
    await using server = await webServer((request, response) => {
      if (request.url?.includes("away") === true)
        response.writeHead(302, { location: "http://10.0.0.1/canary-2" }).end()
      else response.writeHead(500).end("canary-3")
    })
    const egress = egressTo([server])
    const urls = [
      urlOf(server, "/canary-1"),
      urlOf(server, "/away?canary-1"),
      "http://canary-1:canary-2@a.example/",
      "ftp://a.example/canary-1",
      "http://a.example:81/canary-1",
      "http://0x7f.1/canary-1",
      "http://canary-1 /",
      "canary-1",
    ]
    for (const url of urls) expect((await failure(egress.fetchBytes(url, WIDE))).told).not.toContain("canary")
  })

  it("refuses options that set no limit", async () => {
    const egress = egressTo([])
    for (const wrong of [
      { maxBytes: 0 },
      { maxBytes: Number.NaN },
      { timeoutMs: -1 },
      { timeoutMs: 2 ** 31 },
      { accept: ["image/png\r\nx: y"] },
    ]) {
      expect(await failure(egress.fetchBytes("http://a.example/", { ...WIDE, ...wrong }))).toMatchObject({
        code: "input_invalid",
      })
    }
    expect(() => egressTo([], { limits: { maxRedirects: -1 } })).toThrow(
      expect.objectContaining({ code: "input_invalid" }),
    )
    expect(() => egressTo([], { alsoRefuse: ["10.0.0.0"] })).toThrow(expect.objectContaining({ code: "input_invalid" }))
    expect(() => egressTo([], { allowLoopbackForTests: [{ address: "10.0.0.1", port: 1 }] })).toThrow(
      expect.objectContaining({ code: "input_invalid" }),
    )
  })
})
