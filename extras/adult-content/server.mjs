/**
 * `POST /v1/detect` {"image": base64} -> {"labels": {"Drawing": 0..1, "Hentai": ..., "Neutral": ..., "Porn": ..., "Sexy": ...}}
 * on 127.0.0.1, for the guard's `http-detector` check. Keeps nothing and logs nothing of what it is given.
 */
import { createServer } from "node:http"
import { openModel } from "./model.mjs"

const MAX_BODY_BYTES = 32 * 1024 * 1024
/** Pictures waiting at most: beyond them it says that it is busy. */
const MAX_WAITING = 16

/** Starts the detector. `port` 0 takes any. */
export async function startDetector(port) {
  const model = await openModel()
  let waiting = 0
  const server = createServer(async (request, response) => {
    const answer = (status, body) => {
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body))
    }
    if (request.method !== "POST" || request.url !== "/v1/detect") return answer(404, { error: "not_found" })
    if (waiting >= MAX_WAITING) return answer(503, { error: "busy" })
    waiting++
    try {
      const image = await readImage(request)
      if (image === undefined) return answer(400, { error: "input_invalid" })
      answer(200, { labels: await model.classify(image) })
    } catch {
      // Messages of libraries may hold their input.
      if (!response.headersSent) answer(422, { error: "unreadable" })
    } finally {
      waiting--
    }
  })
  server.requestTimeout = 30_000
  await new Promise((resolve, reject) => {
    server.once("error", reject)
    server.listen(port, "127.0.0.1", resolve)
  })
  return {
    port: server.address().port,
    close: () =>
      new Promise((resolve) => {
        server.close(resolve)
        server.closeAllConnections()
      }),
  }
}

async function readImage(request) {
  const chunks = []
  let size = 0
  for await (const chunk of request) {
    size += chunk.length
    if (size > MAX_BODY_BYTES) return undefined
    chunks.push(chunk)
  }
  let body
  try {
    body = JSON.parse(Buffer.concat(chunks).toString())
  } catch {
    return undefined
  }
  const image = body?.image
  if (typeof image !== "string" || !/^[A-Za-z0-9+/]+={0,2}$/.test(image)) return undefined
  return Buffer.from(image, "base64")
}

if (import.meta.main ?? process.argv[1] === import.meta.filename) {
  const { port } = await startDetector(Number(process.argv[2] ?? 8090))
  process.stdout.write(`listening on 127.0.0.1:${port}\n`)
}
