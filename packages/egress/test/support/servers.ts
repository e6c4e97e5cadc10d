import { once } from "node:events"
import { createServer as createHttp, type IncomingMessage, type RequestListener } from "node:http"
import { createServer as createHttps } from "node:https"
import { type AddressInfo, createServer as createTcp, type Server, type Socket } from "node:net"
import type { TestCertificate } from "@nightlight/dev-env/simulators/certificate"

/** A server on this machine; disposing of it closes its connections too. */
export interface TestServer extends AsyncDisposable {
  readonly endpoint: { readonly address: string; readonly port: number }
  readonly connections: readonly Socket[]
}

/** A web server and the requests it received. */
export interface WebServer extends TestServer {
  readonly requests: readonly IncomingMessage[]
}

/** How a web server listens; by default in plain HTTP on a free port of 127.0.0.1. */
export interface WebServerOptions {
  readonly certificate?: TestCertificate
  readonly address?: string
  readonly port?: number
}

/** Starts a web server, over TLS if it has a certificate. */
export async function webServer(
  handler: RequestListener,
  { certificate, address = "127.0.0.1", port = 0 }: WebServerOptions = {},
): Promise<WebServer> {
  const requests: IncomingMessage[] = []
  const listener: RequestListener = (request, response) => {
    requests.push(request)
    handler(request, response)
  }
  const server = certificate === undefined ? createHttp(listener) : createHttps(certificate, listener)
  return { ...(await listening(server, address, port)), requests }
}

/** Starts a server that answers raw bytes: `speak` gets each connection once the request's head has arrived. */
export async function rawServer(speak: (socket: Socket) => void): Promise<TestServer> {
  const server = createTcp((socket) => {
    socket.on("error", () => {})
    socket.once("data", () => speak(socket))
  })
  return listening(server, "127.0.0.1")
}

async function listening(server: Server, address: string, port = 0): Promise<TestServer> {
  const connections: Socket[] = []
  server.on("connection", (socket: Socket) => connections.push(socket))
  server.listen(port, address)
  await once(server, "listening")
  const bound = server.address() as AddressInfo
  return {
    endpoint: { address, port: bound.port },
    connections,
    [Symbol.asyncDispose]: async () => {
      for (const socket of connections) socket.destroy()
      server.close()
      await once(server, "close")
    },
  }
}
