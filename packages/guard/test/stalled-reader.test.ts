import { once } from "node:events"
import { createServer, type ServerResponse } from "node:http"
import { type AddressInfo, connect } from "node:net"
import { setImmediate } from "node:timers/promises"
import { expect, it } from "vitest"
import { EventWriter } from "../src/stream/event-writer.ts"

it("a caller that reads nothing is cut off and frees its upstream connection", async () => {
  const frames = await callOnce("pauses", async (response) => {
    const writer = new EventWriter(response, 60_000, 50)
    let written = 0
    while (!response.destroyed) {
      writer.write([`data: ${"x".repeat(65_536)}\n\n`])
      written++
      await writer.drained()
    }
    writer.end()
    return written
  })
  expect(frames).toBeLessThan(1_000)
})

it("the writer does not wait for a caller that has already read everything", async () => {
  const isAlive = await callOnce("reads", async (response) => {
    const writer = new EventWriter(response, 60_000, 50)
    const drain = once(response, "drain")
    writer.write([`data: ${"x".repeat(8 * 1024 * 1024)}\n\n`])
    await drain
    await writer.drained()
    writer.end()
    return !response.destroyed
  })
  expect(isAlive).toBe(true)
})

it("the head of a stream is sent with its first frames, or alone where none come in that turn", async () => {
  const sent = await callOnce("reads", async (response) => {
    response.writeHead(200, { "content-type": "text/event-stream" })
    const writer = new EventWriter(response, 60_000)
    const early = response.socket?.bytesWritten ?? -1
    await setImmediate()
    const late = response.socket?.bytesWritten ?? -1
    writer.end()
    return { early, late }
  })
  expect(sent.early).toBe(0)
  expect(sent.late).toBeGreaterThan(0)
})

/** One call to a server, from a caller who reads what comes or pauses. */
async function callOnce<T>(caller: "reads" | "pauses", serve: (response: ServerResponse) => Promise<T>): Promise<T> {
  const served = Promise.withResolvers<T>()
  const server = createServer((_request, response) => {
    serve(response).then(served.resolve, served.reject)
  })
  server.listen(0, "127.0.0.1")
  await once(server, "listening")
  const socket = connect((server.address() as AddressInfo).port, "127.0.0.1")
  if (caller === "reads") socket.resume()
  else socket.pause()
  socket.write("GET / HTTP/1.1\r\nhost: localhost\r\n\r\n")
  try {
    return await served.promise
  } finally {
    socket.destroy()
    server.close()
  }
}
