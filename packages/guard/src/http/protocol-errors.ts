/**
 * Answers calls that Node's HTTP parser, or the router before any handler, refuses: in OpenAI's error shape, since no
 * endpoint is known yet.
 * @module
 */
import { type IncomingMessage, type Server, type ServerResponse, STATUS_CODES } from "node:http"
import type { Socket } from "node:net"
import { openai } from "../endpoints/openai/dialect.ts"
import { GuardRefusal } from "../errors.ts"

/** Rewords a parser's error, which may quote the call. */
export function protocolRefusal({ code }: { readonly code?: unknown }): GuardRefusal {
  if (code === "HPE_HEADER_OVERFLOW") {
    return new GuardRefusal("headers_too_large", "the headers are larger than allowed")
  }
  if (code === "ERR_HTTP_REQUEST_TIMEOUT") {
    return new GuardRefusal("request_timed_out", "the request did not arrive whole in time")
  }
  if (code === "HPE_CHUNK_EXTENSIONS_OVERFLOW") {
    return new GuardRefusal("body_too_large", "the extensions of a chunk are larger than allowed")
  }
  return new GuardRefusal("invalid_request", "the request is not unambiguous HTTP")
}

/**
 * Answers a call that the parser refused, and closes the connection, since the beginning of the next request is not
 * known.
 */
export function answerParserError(error: Error & { readonly code?: string }, socket: Socket): void {
  if (error.code === "ECONNRESET" || !socket.writable) {
    socket.destroy()
    return
  }
  // While a call is being answered on this connection, another answer must not be written into it.
  const { _httpMessage: answering } = socket as Socket & { readonly _httpMessage?: ServerResponse }
  if (answering?.headersSent === true) {
    socket.destroy()
    return
  }
  const { status, headers, body } = openai.renderError(protocolRefusal(error))
  const lines = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ""}`,
    "content-type: application/json; charset=utf-8",
    `content-length: ${Buffer.byteLength(body)}`,
    "connection: close",
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
  ]
  socket.end(`${lines.join("\r\n")}\r\n\r\n${body}`)
}

/** Answers an `expect` header that the server does not meet; Node's own answer has no body. */
export function answerExpectations(server: Server): void {
  server.on("checkExpectation", (_request: IncomingMessage, response: ServerResponse) => {
    const { status, headers, body } = openai.renderError(
      new GuardRefusal("expectation_failed", "the only expect header allowed is 100-continue"),
    )
    const type = { "content-type": "application/json; charset=utf-8", connection: "close" }
    response.writeHead(status, { ...headers, ...type, "content-length": Buffer.byteLength(body) }).end(body)
  })
}
