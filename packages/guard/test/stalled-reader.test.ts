import { once } from "node:events"
import { createServer, type ServerResponse } from "node:http"
import { type AddressInfo, connect } from "node:net"
import { expect, it } from "vitest"
import { EventWriter } from "../src/stream/event-writer.ts"

it("a caller that reads nothing is cut off and frees its upstream connection", async () => {
  const ended = Promise.withResolvers<number>()
  const serve = async (response: ServerResponse): Promise<number> => {
    const writer = new EventWriter(response, 60_000, 50)
    let frames = 0
    while (!response.destroyed) {
      writer.write([`data: ${"x".repeat(65_536)}\n\n`])
      frames++
      await writer.drained()
    }
    writer.end()
    return frames
  }
  const server = createServer((_request, response) => {
    serve(response).then(ended.resolve, ended.reject)
  })
  server.listen(0, "127.0.0.1")
  await once(server, "listening")
  const socket = connect((server.address() as AddressInfo).port, "127.0.0.1")
  socket.pause()
  socket.write("GET / HTTP/1.1\r\nhost: localhost\r\n\r\n")
  expect(await ended.promise).toBeLessThan(1_000)
  socket.destroy()
  server.close()
})

it("the writer does not wait for a caller that has already read everything", async () => {
  const isAlive = Promise.withResolvers<boolean>()
  const serve = async (response: ServerResponse): Promise<boolean> => {
    const writer = new EventWriter(response, 60_000, 50)
    const drain = once(response, "drain")
    writer.write([`data: ${"x".repeat(8 * 1024 * 1024)}\n\n`])
    await drain
    await writer.drained()
    writer.end()
    return !response.destroyed
  }
  const server = createServer((_request, response) => {
    serve(response).then(isAlive.resolve, isAlive.reject)
  })
  server.listen(0, "127.0.0.1")
  await once(server, "listening")
  const socket = connect((server.address() as AddressInfo).port, "127.0.0.1")
  socket.resume()
  socket.write("GET / HTTP/1.1\r\nhost: localhost\r\n\r\n")
  expect(await isAlive.promise).toBe(true)
  socket.destroy()
  server.close()
})

it("the head of a stream is sent with its first frames, or alone where none come in that turn", async () => {
  const early = Promise.withResolvers<number>()
  const late = Promise.withResolvers<number>()
  const server = createServer((_request, response) => {
    response.writeHead(200, { "content-type": "text/event-stream" })
    const writer = new EventWriter(response, 60_000)
    early.resolve(response.socket?.bytesWritten ?? -1)
    setImmediate(() => {
      late.resolve(response.socket?.bytesWritten ?? -1)
      writer.end()
    })
  })
  server.listen(0, "127.0.0.1")
  await once(server, "listening")
  const socket = connect((server.address() as AddressInfo).port, "127.0.0.1")
  socket.resume()
  socket.write("GET / HTTP/1.1\r\nhost: localhost\r\n\r\n")
  expect(await early.promise).toBe(0)
  expect(await late.promise).toBeGreaterThan(0)
  socket.destroy()
  server.close()
})
