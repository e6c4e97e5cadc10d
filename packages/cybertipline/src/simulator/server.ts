import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { pipeline } from "node:stream/promises"
import { setTimeout as delay } from "node:timers/promises"
import { CybertiplineError } from "../errors.ts"
import { answerAdmin } from "./admin.ts"
import type { SimulatedAnswer } from "./answers.ts"
import { createSimulator, type SimulatorCore, type SimulatorOptions, type SimulatorState } from "./core.ts"
import type { Fault } from "./faults.ts"

/** Options of {@link startSimulator}. */
export interface ServerOptions extends SimulatorOptions {
  /** Port on the loopback address; any free one by default. */
  readonly port?: number
  /** Opens `/__admin` to its holder; without it there is no such path. */
  readonly adminToken?: string
}

/** A simulated service that listens on the loopback address. */
export interface Simulator extends AsyncDisposable {
  /** `baseUrl` for a client. */
  readonly baseUrl: string
  /** URL for {@link connectAdmin}. */
  readonly adminUrl: string
  readonly port: number
  state(): SimulatorState
  addFault(fault: Fault): void
  clearFaults(): void
  advanceClock(byMs: number): void
  /** Cuts every connection and stops listening. */
  close(): Promise<void>
}

const BASE_PATH = "/ispws"
const HOST = "127.0.0.1"

/**
 * Starts a simulated service on the loopback address.
 *
 * @throws {CybertiplineError} `simulator_unavailable` if the port cannot be had.
 */
export async function startSimulator(options: ServerOptions): Promise<Simulator> {
  const core = createSimulator(options)
  const server = createServer((request, response) => {
    // A sender that disconnected gets no answer.
    serve(core, options.adminToken, request, response).catch(() => response.destroy())
  })
  await listen(server, options.port ?? 0)
  const { port } = server.address() as AddressInfo
  const origin = `http://${HOST}:${port}`
  const close = () =>
    new Promise<void>((settle) => {
      server.close(() => settle())
      server.closeAllConnections()
    })
  return {
    baseUrl: origin + BASE_PATH,
    adminUrl: `${origin}/__admin`,
    port,
    state: () => core.state(),
    addFault: (fault) => core.addFault(fault),
    clearFaults: () => core.clearFaults(),
    advanceClock: (byMs) => core.advanceClock(byMs),
    close,
    [Symbol.asyncDispose]: close,
  }
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((settle, fail) => {
    const onError = () => fail(new CybertiplineError("simulator_unavailable", `cannot listen on port ${port}`))
    server.once("error", onError)
    server.listen(port, HOST, () => {
      server.off("error", onError)
      settle()
    })
  })
}

async function serve(
  core: SimulatorCore,
  adminToken: string | undefined,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = request.url ?? "/"
  const { method = "GET" } = request
  const headers = { ...request.headers, "set-cookie": undefined } as Readonly<Record<string, string | undefined>>
  if (url.startsWith("/__admin/") && adminToken !== undefined) {
    const { httpStatus, body } = await answerAdmin(core, adminToken, { method, path: url, headers, body: request })
    response.writeHead(httpStatus, { "content-type": "application/json" }).end(body)
    return
  }
  const path = url.startsWith(`${BASE_PATH}/`) ? url.slice(BASE_PATH.length) : ""
  await deliver(response, await core.handle({ method, path, headers, body: request }))
}

async function deliver(response: ServerResponse, answer: SimulatedAnswer): Promise<void> {
  const { httpStatus, headers, body, delivery } = answer
  switch (delivery.kind) {
    case "cut":
      response.destroy()
      return
    case "never":
      // The sender gives up, or the simulator closes.
      return
    case "late":
      await delay(delivery.delayMs)
      response.writeHead(httpStatus, headers).end(body)
      return
    case "endless":
      response.writeHead(httpStatus, headers).write(body)
      // Ends when the receiver stops.
      await pipeline(blanks, response)
      return
    case "whole":
      response.writeHead(httpStatus, headers).end(body)
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
