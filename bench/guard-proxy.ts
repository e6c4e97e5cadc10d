/** The least a gateway can be: Fastify in front, undici behind, bodies as they come. Prints its port. */
import type { AddressInfo } from "node:net"
import { fastify } from "fastify"
import { Pool } from "undici"

const pool = new Pool(process.argv[2] ?? "", { connections: 128 })
const app = fastify({ bodyLimit: 32 * 1024 * 1024 })
app.removeAllContentTypeParsers()
app.addContentTypeParser("*", { parseAs: "buffer" }, (_request, body, done) => done(null, body))
app.post("/v1/*", async (request, reply) => {
  const answer = await pool.request({
    method: "POST",
    path: request.url,
    headers: { "content-type": "application/json" },
    body: request.body as Buffer,
  })
  const type = String(answer.headers["content-type"])
  reply.code(answer.statusCode).type(type)
  if (type === "text/event-stream") return reply.send(answer.body)
  return Buffer.from(await answer.body.arrayBuffer())
})
await app.listen({ host: "127.0.0.1", port: 0 })
process.stdout.write(`${(app.server.address() as AddressInfo).port}\n`)
