/**
 * A witness for the checkpoints of others, by HTTP: `POST /checkpoints` accepts one line and answers with a receipt,
 * `GET /checkpoints` returns the lines. docs/guides/audit-log.md describes the protocol.
 * @module
 */
import { createHash } from "node:crypto"
import { createServer, type IncomingMessage, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import { join } from "node:path"
import {
  type Clock,
  compact,
  DependencyError,
  hasCode,
  NightlightError,
  RequestError,
  type Signer,
  systemClock,
} from "@nightlight/core"
import { ensureDirPrivate, exists, holdLock, signDocument } from "@nightlight/durable"
import { createSigningKey, openSigner, publicKeyPath, readKeyFile } from "@nightlight/vault"
import { openWitnessClients, type WitnessClient } from "./clients.ts"
import { type LineBook, openLineBook } from "./line-book.ts"

/** Format of the receipt. */
export const RECEIPT_FORMAT = "nightlight-witness-receipt/1"

/** Options of {@link serveWitness}. */
export interface WitnessOptions {
  /** Its folder with its key, its clients and their lines. Made if missing. */
  readonly dir: string
  readonly host: string
  /** 0 lets the system choose. */
  readonly port: number
  readonly clock?: Clock
  /** Called for each line that was refused although the client's own key signed it, or because no key of it did. */
  readonly onRefused?: (refusal: { readonly client: string; readonly fault: string }) => void
}

/** A running witness. */
export interface RunningWitness {
  readonly url: string
  /** PEM, for `checkpoints.copies` of the other side. */
  readonly publicKey: string
  close(): Promise<void>
}

const MAX_BODY_BYTES = 16 * 1024
const MAX_CONNECTIONS = 64
const ANSWER_MS = 20_000
const HEADERS_MS = 5_000
/** How often both time limits are checked, so that slow calls do not hold others' places for long. */
const CHECK_MS = 1_000
const BEARER = /^Bearer (nlw-[\w-]{43})$/
const OTHERS_MAY_WRITE = 0o022

/**
 * Listens until it is closed.
 *
 * @throws {DependencyError} `locked` if another one runs on the folder; `unavailable` if the port is taken.
 * @throws {IntegrityError} `key_unusable`.
 */
export async function serveWitness(options: WitnessOptions): Promise<RunningWitness> {
  const { dir, host, port, clock = systemClock, onRefused } = options
  await ensureDirPrivate(dir)
  const lock = await holdLock(join(dir, "witness.lock"), { timeoutMs: 1_000 }).catch((error: unknown) => {
    if (!hasCode(error, "locked")) throw error
    throw new DependencyError("locked", "a witness already runs on this folder", {
      hint: "Stop the other one, or give this one another folder by --data.",
    })
  })
  try {
    const signer = await openOwnKey(dir)
    const publicKey = await readKeyFile(publicKeyPath(keyPath(dir)), OTHERS_MAY_WRITE)
    const clients = openWitnessClients(dir)
    const books = new Map<string, LineBook>()
    const bookOf = ({ name }: WitnessClient): LineBook => {
      const book = books.get(name) ?? openLineBook(join(dir, "clients", name))
      books.set(name, book)
      return book
    }
    const answer = async (request: IncomingMessage): Promise<Answer> => {
      const url = URL.parse(request.url ?? "/", "http://witness")
      if (url === null) return { status: 400, body: { error: "invalid" } }
      const { pathname, searchParams } = url
      if (pathname !== "/checkpoints") return { status: 404, body: { error: "not-found" } }
      const bearer = BEARER.exec(request.headers.authorization ?? "")?.[1]
      const client = bearer === undefined ? undefined : await clients.find(bearer)
      if (client === undefined) return { status: 401, body: { error: "unauthorized" } }
      if (request.method === "GET") {
        const from = Number(searchParams.get("from") ?? 0)
        if (!Number.isSafeInteger(from) || from < 0) return { status: 400, body: { error: "invalid" } }
        return { status: 200, text: (await bookOf(client).read(from)).map((line) => `${line}\n`).join("") }
      }
      if (request.method !== "POST") return { status: 405, body: { error: "method" } }
      const line = await readLine(request)
      if (typeof line !== "string") return line
      try {
        await bookOf(client).take(line, client.keys)
      } catch (error) {
        const fault = error instanceof RequestError ? error.details["fault"] : undefined
        if (typeof fault !== "string") throw error
        onRefused?.({ client: client.name, fault })
        return { status: STATUS_OF[fault] ?? 409, body: { error: fault } }
      }
      return { status: 200, body: { receipt: receiptOf(line, signer, clock) } }
    }
    const server = createServer({
      maxHeaderSize: 8 * 1024,
      requestTimeout: ANSWER_MS,
      headersTimeout: HEADERS_MS,
      connectionsCheckingInterval: CHECK_MS,
    })
    server.maxConnections = MAX_CONNECTIONS
    server.on("request", (request, response) => {
      const send = ({ status, body, text = JSON.stringify(body) }: Answer) =>
        response
          // The unread rest of a body is not waited for.
          .writeHead(
            status,
            compact({
              "cache-control": "no-store",
              connection: request.complete ? undefined : "close",
            }),
          )
          .end(text)
      answer(request)
        .then(send)
        .catch((error: unknown) => {
          const isFull = error instanceof NightlightError && error.code === "disk_full"
          send({ status: isFull ? 507 : 500, body: { error: isFull ? "full" : "internal" } })
        })
    })
    await listen(server, host, port)
    const { address, family, port: listening } = server.address() as AddressInfo
    return {
      url: `http://${family === "IPv6" ? `[${address}]` : address}:${listening}/checkpoints`,
      publicKey,
      close: async () => {
        server.closeAllConnections()
        await new Promise((resolve) => server.close(resolve))
        await lock.release()
      },
    }
  } catch (error) {
    await lock.release()
    throw error
  }
}

interface Answer {
  readonly status: number
  readonly body?: object
  readonly text?: string
}

const STATUS_OF: Readonly<Record<string, number>> = { "not-signed": 422, full: 507 }

function keyPath(dir: string): string {
  return join(dir, "witness.pem")
}

async function openOwnKey(dir: string): Promise<Signer> {
  const path = keyPath(dir)
  if (!(await exists(path))) await createSigningKey(path)
  return openSigner(path)
}

/** States that this very line was here at this time. */
function receiptOf(line: string, signer: Signer, clock: Clock): object {
  const sha256 = createHash("sha256").update(line).digest("hex")
  return signDocument({ format: RECEIPT_FORMAT, sha256, at: clock.now().toISOString() }, signer)
}

async function readLine(request: IncomingMessage): Promise<string | Answer> {
  const parts: Buffer[] = []
  let bytes = 0
  for await (const part of request as AsyncIterable<Buffer>) {
    bytes += part.length
    if (bytes > MAX_BODY_BYTES) return { status: 413, body: { error: "too-large" } }
    parts.push(part)
  }
  try {
    const { line } = JSON.parse(Buffer.concat(parts).toString("utf8")) as { readonly line?: unknown }
    if (typeof line === "string" && !line.includes("\n")) return line
  } catch {
    // Answered below.
  }
  return { status: 400, body: { error: "invalid" } }
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", () => {
      reject(
        new DependencyError("unavailable", "the witness cannot listen there", { hint: "Choose another --listen." }),
      )
    })
    server.listen(port, host, resolve)
  })
}
