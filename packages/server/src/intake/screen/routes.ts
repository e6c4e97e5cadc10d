import {
  IdempotencyKey,
  MAX_SCREEN_BASE64,
  MAX_SCREEN_BATCH_BYTES,
  MAX_SCREEN_BYTES,
  ScreenAnswer,
  ScreenBatchAnswer,
  ScreenBatchBody,
  ScreenBody,
} from "@nightlight/contract/server"
import { compact, RequestError, readUpTo } from "@nightlight/core"
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify"
import { addRawBodies, rawBody } from "../../platform/http/raw-bodies.ts"
import { addRoute } from "../../platform/http/route.ts"
import type { Screen } from "./types.ts"

/** Room for the other members of a JSON body. */
const BESIDE_BYTES = 64 * 1024

/** Registers `/v1/screen`, for raw bytes `/v1/screen/image`, and `/v1/screen/batch`: all for `item:screen`. */
export function screenRoutes(app: FastifyInstance, { screen }: { readonly screen: Screen }): void {
  addRawBodies(app)
  const access = { kind: "permission", permission: "item:screen" } as const
  const object = { kind: "none", because: "the screened item is the caller's own" } as const
  addRoute(app, {
    method: "POST",
    url: "/v1/screen",
    summary: "Screens a picture (base64), a hash or a text",
    access,
    object,
    body: ScreenBody,
    bodyLimitBytes: MAX_SCREEN_BASE64 + BESIDE_BYTES,
    reply: ScreenAnswer,
    handle: ({ actor, body, request, reply }) => {
      const item = body.kind === "image" ? toPicture(body) : body
      return screen.screen(actor, item, repeatKeyOf(request), cancelOf(reply))
    },
  })
  addRoute(app, {
    method: "POST",
    url: "/v1/screen/batch",
    summary: "Screens many pictures (base64) and hashes; each item has its own result, in their order",
    access,
    object: { kind: "none", because: "the screened items are the caller's own" },
    body: ScreenBatchBody,
    bodyLimitBytes: MAX_SCREEN_BATCH_BYTES,
    reply: ScreenBatchAnswer,
    handle: ({ actor, body, request, reply }) => {
      const items = body.items.map((item) => (item?.kind === "image" ? toPicture(item) : (item ?? undefined)))
      return screen.screenBatch(actor, items, repeatKeyOf(request), cancelOf(reply))
    },
  })
  addRoute(app, {
    method: "POST",
    url: "/v1/screen/image",
    summary: "Screens a picture sent as raw bytes (application/octet-stream)",
    access,
    object,
    bodyLimitBytes: MAX_SCREEN_BYTES,
    reply: ScreenAnswer,
    // An account can be named only in a JSON body: URLs end up in the logs of proxies, and proxies pass headers
    // through.
    handle: async ({ actor, request, reply }) => {
      const bytes = await readWhole(rawBody(request.body), MAX_SCREEN_BYTES)
      return screen.screen(actor, { kind: "image", bytes }, repeatKeyOf(request), cancelOf(reply))
    },
  })
}

function toPicture({ account, base64 }: Extract<ScreenBody, { readonly kind: "image" }>) {
  return { kind: "image", bytes: Buffer.from(base64, "base64"), ...compact({ account }) } as const
}

function repeatKeyOf({ headers }: FastifyRequest): string | undefined {
  const given = headers["idempotency-key"]
  if (given === undefined) return undefined
  const key = IdempotencyKey.safeParse(given)
  if (key.success) return key.data
  throw new RequestError("input_invalid", "expected an Idempotency-Key of 1 to 200 printable characters")
}

/** Aborts when the caller disconnects before the answer is sent. */
function cancelOf({ raw }: FastifyReply): AbortSignal {
  const gone = new AbortController()
  raw.once("close", () => {
    if (!raw.writableFinished) gone.abort()
  })
  return gone.signal
}

async function readWhole(chunks: AsyncIterable<Uint8Array>, maxBytes: number): Promise<Uint8Array> {
  const bytes = await readUpTo(chunks, maxBytes)
  if (bytes === undefined) throw new RequestError("body_too_large", "the picture is too large")
  if (bytes.length === 0) throw new RequestError("input_invalid", "there is no picture in the body")
  return bytes
}
