import { gzipSync } from "node:zlib"
import { describe, expect, it } from "vitest"
import { egressTo, failure, urlOf, WIDE } from "./support/egress.ts"
import { rawServer, webServer } from "./support/servers.ts"

const kilobyte = Buffer.alloc(1024, 7)

describe("a body", () => {
  it("is accepted at exactly the limit and refused one byte above it, announced or in chunks", async () => {
    await using server = await webServer((request, response) => {
      if (request.url === "/announced") response.setHeader("content-length", kilobyte.length).end(kilobyte)
      else response.write(kilobyte, () => response.end())
    })
    const egress = egressTo([server])
    for (const path of ["/announced", "/chunked"]) {
      const got = await egress.fetchBytes(urlOf(server, path), { ...WIDE, maxBytes: kilobyte.length })
      expect(got.bytes).toEqual(new Uint8Array(kilobyte))
      const refused = egress.fetchBytes(urlOf(server, path), { ...WIDE, maxBytes: kilobyte.length - 1 })
      expect(await failure(refused)).toMatchObject({ code: "too_large" })
    }
  })

  it("is limited by the egress's own limit when the call allows more", async () => {
    await using server = await webServer((_, response) => response.end(kilobyte))
    const egress = egressTo([server], { limits: { maxBytes: 100 } })
    expect(await failure(egress.fetchBytes(urlOf(server), WIDE))).toMatchObject({ code: "too_large" })
  })

  it("is abandoned past the limit when it is endless, and the connection is closed", async () => {
    let sent = 0
    await using server = await webServer((_, response) => {
      const more = () => {
        while (!response.destroyed && response.write(kilobyte)) sent += kilobyte.length
      }
      response.on("drain", more)
      more()
    })
    expect(await failure(egressTo([server]).fetchBytes(urlOf(server), WIDE))).toMatchObject({ code: "too_large" })
    await expect.poll(() => server.connections[0]?.destroyed).toBe(true)
    expect(sent).toBeLessThan(50 * WIDE.maxBytes)
  })

  it("passes on no chunk beyond the limit when it is streamed", async () => {
    await using server = await webServer((_, response) => {
      response.write(kilobyte)
      response.end(kilobyte)
    })
    const { body } = await egressTo([server]).fetchStream(urlOf(server), { ...WIDE, maxBytes: 1500 })
    let got = 0
    const read = async () => {
      for await (const piece of body) got += piece.length
    }
    expect(await failure(read())).toMatchObject({ code: "too_large" })
    expect(got).toBeLessThanOrEqual(1500)
  })

  it.each(["gzip", "br", "deflate", "zstd", "GZIP", "identity, gzip", "x"])(
    "is refused when it is encoded as %s",
    async (encoding) => {
      await using server = await webServer((_, response) => {
        response.setHeader("content-encoding", encoding).end(gzipSync(Buffer.alloc(10_000_000)))
      })
      expect(await failure(egressTo([server]).fetchBytes(urlOf(server), WIDE))).toMatchObject({
        code: "answer_malformed",
        reason: "encoding",
      })
    },
  )

  it("is refused with a transfer encoding", async () => {
    const head = "HTTP/1.1 200 OK\r\ntransfer-encoding: gzip, chunked\r\n\r\n0\r\n\r\n"
    await using server = await rawServer((socket) => socket.end(head))
    expect(await failure(egressTo([server]).fetchBytes(urlOf(server), WIDE))).toMatchObject({ reason: "encoding" })
  })

  it.each([
    ["one large header", `a: ${"b".repeat(20_000)}\r\n`],
    ["many headers", "a: b\r\n".repeat(10_000)],
  ])("is not read after %s", async (_, headers) => {
    await using server = await rawServer((socket) => socket.end(`HTTP/1.1 200 OK\r\n${headers}\r\nx`))
    expect(await failure(egressTo([server]).fetchBytes(urlOf(server), WIDE))).toMatchObject({
      code: "answer_malformed",
      reason: "headers",
    })
  })
})

it("headers are limited by the egress's own limit", async () => {
  await using server = await webServer((_, response) => {
    response.setHeader("a", "b".repeat(2000)).end("x")
  })
  expect((await egressTo([server]).fetchBytes(urlOf(server), WIDE)).bytes.length).toBe(1)
  const strict = egressTo([server], { limits: { maxHeaderBytes: 1000 } })
  expect(await failure(strict.fetchBytes(urlOf(server), WIDE))).toMatchObject({ reason: "headers" })
})

describe("a slow host", () => {
  const SOON = { ...WIDE, timeoutMs: 300 }
  const tooLate = { code: "timed_out", reason: "deadline" }

  it("is abandoned while its name is looked up", async () => {
    const egress = egressTo([], { resolve: () => new Promise(() => {}) })
    expect(await failure(egress.fetchBytes("http://a.example/", SOON))).toMatchObject(tooLate)
  })

  it("is abandoned before its headers and in the middle of them", async () => {
    await using silent = await rawServer(() => {})
    await using dripping = await rawServer((socket) => {
      socket.write("HTTP/1.1 200 OK\r\n")
      const timer = setInterval(() => socket.write("a: b\r\n"), 20)
      socket.once("close", () => clearInterval(timer))
    })
    for (const server of [silent, dripping]) {
      expect(await failure(egressTo([server]).fetchBytes(urlOf(server), SOON))).toMatchObject(tooLate)
      await expect.poll(() => server.connections.every(({ destroyed }) => destroyed)).toBe(true)
    }
  })

  it("is abandoned when it sends interim answers without end", async () => {
    await using server = await rawServer((socket) => {
      const timer = setInterval(() => socket.write("HTTP/1.1 103 Early Hints\r\nlink: <a>\r\n\r\n"), 5)
      socket.once("close", () => clearInterval(timer))
    })
    expect(await failure(egressTo([server]).fetchBytes(urlOf(server), SOON))).toMatchObject(tooLate)
  })

  it("is abandoned at one deadline over all redirects, not one for each", async () => {
    await using server = await webServer((_, response) => {
      setTimeout(() => response.writeHead(302, { location: "/" }).end(), 200)
    })
    const egress = egressTo([server], { limits: { maxRedirects: 1000 } })
    expect(await failure(egress.fetchBytes(urlOf(server), { ...WIDE, timeoutMs: 700 }))).toMatchObject(tooLate)
  })

  it("is abandoned in the middle of a body, whether or not bytes arrive", async () => {
    await using server = await webServer((request, response) => {
      response.write("x")
      if (request.url === "/stops") return
      const timer = setInterval(() => response.write(kilobyte), 20)
      response.once("close", () => clearInterval(timer))
    })
    for (const path of ["/stops", "/goes-on"]) {
      expect(await failure(egressTo([server]).fetchBytes(urlOf(server, path), SOON))).toMatchObject(tooLate)
    }
  })

  it("is abandoned long before the deadline when its body trickles or stops", async () => {
    await using server = await webServer((request, response) => {
      response.write("x")
      if (request.url === "/stops") return
      const timer = setInterval(() => response.write("x"), 10)
      response.once("close", () => clearInterval(timer))
    })
    const egress = egressTo([server], { limits: { timeoutMs: 3_000_000, paceWindowMs: 200 } })
    for (const path of ["/stops", "/drips"]) {
      const slow = egress.fetchBytes(urlOf(server, path), { ...WIDE, timeoutMs: 3_000_000 })
      expect(await failure(slow)).toMatchObject({ code: "timed_out", reason: "slow_body" })
    }
  })

  it("is waited for while its body keeps the minimum pace", async () => {
    let left = 20
    await using server = await webServer((_, response) => {
      const timer = setInterval(() => {
        response.write(kilobyte)
        if (--left === 0) response.end()
      }, 20)
      response.once("close", () => clearInterval(timer))
    })
    const egress = egressTo([server], { limits: { paceWindowMs: 2000, minBytesPerSecond: 100 } })
    expect((await egress.fetchBytes(urlOf(server), WIDE)).bytes.length).toBe(20 * 1024)
  })

  it("is not abandoned for a reader's pauses", async () => {
    await using server = await webServer((_, response) => {
      response.write("a", () => setTimeout(() => response.end("b"), 10))
    })
    const { body } = await egressTo([server], { limits: { paceWindowMs: 300 } }).fetchStream(urlOf(server), WIDE)
    let got = ""
    for await (const piece of body) {
      got += Buffer.from(piece).toString()
      await new Promise((resume) => setTimeout(resume, 400))
    }
    expect(got).toBe("ab")
  })
})

describe("a caller that aborts", () => {
  it("gets its own reason, and the connection is closed", async () => {
    await using server = await rawServer(() => {})
    const controller = new AbortController()
    const reason = new Error("enough")
    const fetched = egressTo([server]).fetchBytes(urlOf(server), { ...WIDE, signal: controller.signal })
    void expect
      .poll(() => server.connections.length)
      .toBe(1)
      .then(
        () => controller.abort(reason),
        () => {},
      )
    await expect(fetched).rejects.toBe(reason)
    await expect.poll(() => server.connections[0]?.destroyed).toBe(true)
  })

  it("before the start causes no connection", async () => {
    await using server = await webServer((_, response) => response.end("x"))
    const reason = new Error("enough")
    const fetched = egressTo([server]).fetchBytes(urlOf(server), { ...WIDE, signal: AbortSignal.abort(reason) })
    await expect(fetched).rejects.toBe(reason)
    expect(server.connections.length).toBe(0)
  })
})
