import { once } from "node:events"
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { buffer } from "node:stream/consumers"
import { pipeline } from "node:stream/promises"
import {
  FaultyExchange,
  type SimulatedAnswer,
  type SimulatedCall,
  type SimulatedExchange,
  type SimulatedFault,
} from "./simulated.ts"

/** A simulated exchange that listens on the loopback address. */
export interface ServedExchange<Command> extends AsyncDisposable {
  /** For a client. */
  readonly base: string
  /** Oldest first. */
  readonly calls: readonly SimulatedCall[]
  tell(command: Command): void
  addFault(fault: SimulatedFault): void
  clearFaults(): void
}

/** How a simulated exchange is served. */
export interface ServeOptions {
  /** Any free one by default. */
  readonly port?: number
  /** Stated in answers; the system's by default. */
  readonly clock?: () => Date
}

const HOST = "127.0.0.1"

/** Serves a simulated exchange. Disposing of it cuts every connection. */
export async function serveExchange<Command>(
  exchange: SimulatedExchange<Command>,
  { port = 0, clock = () => new Date() }: ServeOptions = {},
): Promise<ServedExchange<Command>> {
  const faulty = new FaultyExchange(exchange, clock)
  const server = createServer((request, response) => {
    // A client that hung up gets no answer.
    serve(faulty, request, response).catch(() => response.destroy())
  })
  server.listen(port, HOST)
  await once(server, "listening")
  const address = server.address() as AddressInfo
  return {
    base: `http://${HOST}:${address.port}${exchange.basePath}`,
    calls: faulty.calls,
    tell: (command) => faulty.tell(command),
    addFault: (fault) => faulty.addFault(fault),
    clearFaults: () => faulty.clearFaults(),
    [Symbol.asyncDispose]: () =>
      new Promise((settle) => {
        server.close(() => settle())
        server.closeAllConnections()
      }),
  }
}

async function serve<Command>(
  exchange: FaultyExchange<Command>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const headers = { ...request.headers, "set-cookie": undefined } as Readonly<Record<string, string | undefined>>
  const { method = "GET", url = "/" } = request
  await deliver(response, exchange.handle({ method, path: url, headers, body: await buffer(request) }))
}

async function deliver(response: ServerResponse, answer: SimulatedAnswer): Promise<void> {
  const { status, headers, body, delivery = "whole" } = answer
  switch (delivery) {
    case "cut":
      response.writeHead(status, headers).write(body, () => response.destroy())
      return
    case "never":
      // The client gives up, or the simulator closes.
      return
    case "endless":
      response.writeHead(status, headers).write(body)
      await pipeline(blanks, response)
      return
    case "whole":
      response.writeHead(status, headers).end(body)
      return
    default:
      delivery satisfies never
  }
}

/** White space without end. */
function* blanks(): Generator<Uint8Array> {
  const blank = Buffer.alloc(64 * 1024, " ")
  for (;;) yield blank
}
