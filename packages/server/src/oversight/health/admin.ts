/**
 * The admin listener: metrics and health detail, on this machine only.
 * @module
 */
import { createServer, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import type { Metrics } from "./metrics.ts"

/** Options of {@link startAdmin}. */
export interface AdminOptions {
  readonly host: "127.0.0.1" | "::1"
  /** 0 lets the system choose. */
  readonly port: number
  readonly metrics: Metrics
  /** Details for operators: states and counts. */
  readonly detail: () => Promise<object>
}

/** The running admin listener. */
export interface Admin {
  readonly port: number
  close(): Promise<void>
}

/** Listens on loopback for `GET /metrics` and `GET /health`, and answers only under loopback's own names. */
export async function startAdmin({ host, port, metrics, detail }: AdminOptions): Promise<Admin> {
  const server = createServer((request, response) => {
    const send = (status: number, type: string, body: string) =>
      response.writeHead(status, { "content-type": type, "cache-control": "no-store" }).end(body)
    const isHere = /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/.test(request.headers.host ?? "")
    const answer = async () => {
      if (!isHere || request.method !== "GET") return send(403, "text/plain", "forbidden\n")
      if (request.url === "/metrics") return send(200, metrics.contentType, await metrics.render())
      if (request.url === "/health") return send(200, "application/json", `${JSON.stringify(await detail())}\n`)
      return send(404, "text/plain", "not found\n")
    }
    answer().catch(() => send(500, "text/plain", "internal error\n"))
  })
  server.requestTimeout = 10_000
  await listen(server, host, port)
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject)
    server.listen(port, host, () => {
      server.off("error", reject)
      resolve()
    })
  })
}
