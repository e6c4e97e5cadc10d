import { type Socket, connect as tcpConnect } from "node:net"
import { type TLSSocket, connect as tlsConnect } from "node:tls"
import { compact } from "@nightlight/core"
import type { buildConnector } from "undici"
import { parseAddress, sameAddress } from "./address/bytes.ts"
import { failureOf, unavailable } from "./failure.ts"
import type { Target } from "./target.ts"

/** Number of a host's addresses to try. */
const ADDRESSES_TRIED = 4

/** Options of {@link pinnedConnector}. */
export interface PinnedConnectorOptions {
  readonly connectTimeoutMs: number
  /** PEM; they replace the system's. */
  readonly certificateAuthorities: readonly string[] | undefined
  readonly signal: AbortSignal
}

/**
 * A connector that resolves no names: it tries only the given addresses, one after the other.
 *
 * TLS requests and verifies the host's name.
 *
 * @param addresses - already checked.
 */
export function pinnedConnector(
  target: Target,
  addresses: readonly string[],
  options: PinnedConnectorOptions,
): buildConnector.connector {
  return (_, callback) => {
    connectFirst(target, addresses.slice(0, ADDRESSES_TRIED), options).then(
      (socket) => callback(null, socket),
      (error: unknown) => callback(error instanceof Error ? error : unavailable("connect", target.host), null),
    )
  }
}

async function connectFirst(
  target: Target,
  addresses: readonly string[],
  options: PinnedConnectorOptions,
): Promise<Socket> {
  let last: unknown = unavailable("connect", target.host)
  for (const address of addresses) {
    options.signal.throwIfAborted()
    try {
      return await connectOne(target, address, options)
    } catch (error) {
      last = error
    }
  }
  throw failureOf(last, target.host, options.signal)
}

async function connectOne(target: Target, address: string, options: PinnedConnectorOptions): Promise<Socket> {
  const { host, port, protocol } = target
  const limit = AbortSignal.any([options.signal, AbortSignal.timeout(options.connectTimeoutMs)])
  const tcp = tcpConnect({ host: address, port, noDelay: true, autoSelectFamily: false })
  if (!(await opens(tcp, "connect", limit)) || !isAt(tcp, address)) {
    tcp.destroy()
    throw unavailable("connect", host)
  }
  if (protocol === "http:") return tcp
  const tls = tlsConnect(
    compact({
      socket: tcp,
      host,
      servername: target.isLiteral ? "" : host,
      ALPNProtocols: ["http/1.1"],
      rejectUnauthorized: true,
      ca: options.certificateAuthorities === undefined ? undefined : [...options.certificateAuthorities],
    }),
  )
  if (!(await opens(tls, "secureConnect", limit))) {
    tls.destroy()
    tcp.destroy()
    throw unavailable("tls", host)
  }
  return tls
}

/** Waits for a socket to open; false if it fails or the signal is aborted first. */
async function opens(socket: Socket | TLSSocket, event: "connect" | "secureConnect", signal: AbortSignal) {
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const onEvent = () => resolve(true)
  const onEnd = () => resolve(false)
  socket.once(event, onEvent)
  // Keep a handler: no one else handles a further error until the socket is handed over.
  socket.on("error", onEnd)
  socket.once("close", onEnd)
  signal.addEventListener("abort", onEnd, { once: true })
  if (signal.aborted) onEnd()
  const isOpen = await promise
  socket.off(event, onEvent)
  socket.off("close", onEnd)
  signal.removeEventListener("abort", onEnd)
  return isOpen
}

function isAt(socket: Socket, address: string): boolean {
  const asked = parseAddress(address)
  const reached = parseAddress(socket.remoteAddress ?? "")
  return asked !== undefined && reached !== undefined && sameAddress(asked, reached)
}
