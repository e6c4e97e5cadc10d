import { once } from "node:events"
import { createServer, type IncomingMessage, type RequestListener } from "node:http"
import type { AddressInfo } from "node:net"

/** A server on the loopback address that answers as a test says, and remembers who asked. */
export interface RawServer extends AsyncDisposable {
  readonly baseUrl: string
  readonly requests: readonly IncomingMessage[]
}

/** Starts one. */
export async function startRawServer(answer: RequestListener): Promise<RawServer> {
  const requests: IncomingMessage[] = []
  const server = createServer((request, response) => {
    requests.push(request)
    answer(request, response)
  })
  server.listen(0, "127.0.0.1")
  await once(server, "listening")
  const { port } = server.address() as AddressInfo
  return {
    baseUrl: `http://127.0.0.1:${port}/ispws`,
    requests,
    [Symbol.asyncDispose]: () =>
      new Promise((settle) => {
        server.close(() => settle())
        server.closeAllConnections()
      }),
  }
}
