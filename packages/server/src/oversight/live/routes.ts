/**
 * The stream of live updates, as server-sent events.
 * @module
 */
import type { FastifyInstance, FastifyReply } from "fastify"
import { z } from "zod"
import type { Authenticate } from "../../platform/feature.ts"
import { addRoute, personOf } from "../../platform/http/route.ts"
import type { Live } from "./service.ts"
import type { LivePage } from "./types.ts"

/** Dependencies of {@link liveRoutes}. */
export interface LiveRoutesDeps {
  readonly live: Live
  readonly authenticate: Authenticate
}

/** Time after which the browser reconnects, once the stream has ended. */
const RETRY = "retry: 3000\n\n"

/** Registers `GET /v1/live`; its streams end before the application closes. */
export function liveRoutes(app: FastifyInstance, { live, authenticate }: LiveRoutesDeps): void {
  app.addHook("preClose", async () => live.close())
  addRoute(app, {
    method: "GET",
    url: "/v1/live",
    summary: "Streams what changed, as server-sent events `changed` of `{topics, subjects?}`, until the session ends",
    access: { kind: "permission", permission: "self:read" },
    object: { kind: "none", because: "each caller hears only of what they may read" },
    session: "read",
    reply: z.string().describe("text/event-stream"),
    handle: async ({ actor, request, reply }) => {
      const person = personOf(actor)
      if (request.method === "HEAD") return ""
      const again = async () => {
        const now = await authenticate(request)
        return now?.kind === "person" ? now : undefined
      }
      const leave = await live.listen(person, () => ({ actor: person, again, ...openStream(reply) }))
      reply.raw.once("close", leave)
      return ""
    },
  })
}

function openStream(reply: FastifyReply): Pick<LivePage, "send" | "end"> {
  const { raw } = reply
  reply.hijack()
  // The next line shows that a page went away just now.
  raw.on("error", () => undefined)
  raw.shouldKeepAlive = false
  for (const [name, value] of Object.entries(reply.getHeaders())) if (value !== undefined) raw.setHeader(name, value)
  raw.writeHead(200, { "content-type": "text/event-stream", "x-accel-buffering": "no" })
  const send = (text: string) => !raw.destroyed && raw.write(text)
  send(RETRY)
  // A page that has not even read what was sent before is not waited for.
  const end: LivePage["end"] = (how) => (how === "done" && raw.writableLength === 0 ? raw.end() : raw.destroy())
  return { send, end }
}
