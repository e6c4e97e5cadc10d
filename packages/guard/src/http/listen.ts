/**
 * Opens and closes listeners; errors name the port.
 * @module
 */
import type { Server } from "node:http"
import type { AddressInfo } from "node:net"
import { DependencyError } from "@nightlight/core"
import type { FastifyInstance } from "fastify"

/** Host and port of a listener. */
export interface Place {
  readonly host: string
  readonly port: number
}

/** Lets the application listen and returns its port. @throws {DependencyError} `unavailable`. */
export async function listenApp(app: FastifyInstance, place: Place): Promise<number> {
  try {
    await app.listen(place)
  } catch {
    throw portTaken(place.port)
  }
  return (app.server.address() as AddressInfo).port
}

/** Lets a plain server listen and returns its port. @throws {DependencyError} `unavailable`. */
export function listen(server: Server, { host, port }: Place): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", () => reject(portTaken(port)))
    server.listen(port, host, () => resolve((server.address() as AddressInfo).port))
  })
}

/** Closes a plain server at once. */
export function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}

/** The error for a port that cannot be listened on. */
export function portTaken(port: number): DependencyError {
  return new DependencyError("unavailable", `the guard cannot listen on port ${port}`)
}

/** A host in the form that a URL on this machine needs. */
export function hostInUrl(host: string): string {
  if (host === "0.0.0.0") return "127.0.0.1"
  return host.includes(":") ? `[${host}]` : host
}
