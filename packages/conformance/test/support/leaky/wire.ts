import type { IncomingMessage, ServerResponse } from "node:http"
import { compact } from "@nightlight/core"

/** Sends JSON. */
export function sendJson(response: ServerResponse, status: number, value: unknown, headers: object = {}): void {
  response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(value))
}

/** Sends an error in the API's shape that no library retries. */
export function sendError(
  response: ServerResponse,
  status: number,
  code: string,
  type = "invalid_request_error",
): void {
  const headers = compact({ "x-should-retry": status < 500 ? "false" : undefined })
  sendJson(response, status, { error: { message: "not let through", type, param: null, code } }, headers)
}

/** The value, with the gateway's own list beside it if that hole is open. */
export function besides(value: unknown, marker: string, open: ReadonlySet<string>): unknown {
  return open.has("tells-its-list") ? { ...(value as object), hook_results: [{ words: [marker] }] } : value
}

/** A whole body. */
export async function bodyOf(request: AsyncIterable<unknown>): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

/** Headers of the caller that are passed on. */
export function headersOn({ headers }: IncomingMessage, contentType: string | undefined): Record<string, string> {
  return compact({
    "content-type": contentType,
    authorization: headers.authorization,
  })
}

/** Whether a stream's event is an error or malformed, and is dropped. */
export function isBroken(json: unknown, data: string): boolean {
  if (data === "[DONE]") return false
  return json === undefined || (json as { readonly error?: unknown } | null)?.error != null
}
