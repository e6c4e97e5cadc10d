/**
 * The address of the server that findings are pushed to.
 * @module
 */
import { RequestError } from "@nightlight/core"

const LOOPBACK: ReadonlySet<string> = new Set(["localhost", "127.0.0.1", "[::1]"])

/**
 * Reads a server's address: an origin, by https, or by http on this machine.
 *
 * @param text - Such as `https://nightlight.example`.
 * @throws {RequestError} `input_invalid`.
 */
export function parseServerAddress(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || (url.protocol !== "https:" && url.protocol !== "http:")) {
    throw invalid("expected a server's address such as https://nightlight.example")
  }
  if (`${url.origin}/` !== url.href) {
    throw invalid("expected a server's address without a path, a user or anything else after it")
  }
  if (url.protocol === "http:" && !LOOPBACK.has(url.hostname)) {
    throw invalid("a server on another machine must be called by https, which proves who it is")
  }
  return url
}

function invalid(message: string): RequestError {
  return new RequestError("input_invalid", message)
}
