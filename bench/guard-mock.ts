/**
 * A service that answers every chat request at once with the same completion of 1 kB, streamed in 200 chunks where that is asked,
 * and every request for a picture with the answer in the file that is its argument. Prints its port.
 */
import { readFileSync } from "node:fs"
import { createServer, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"

const ANSWER = Buffer.from(
  JSON.stringify({
    id: "chatcmpl-bench",
    object: "chat.completion",
    created: 1_700_000_000,
    model: "mock",
    choices: [
      {
        index: 0,
        message: { role: "assistant", content: "A short answer of a mock, long enough to be one. ".repeat(20) },
        finish_reason: "stop",
      },
    ],
    usage: { prompt_tokens: 200, completion_tokens: 40, total_tokens: 240 },
  }),
)

const CHUNKS = 200

/** The chunks of a streamed answer, a word each, as the API writes them. */
const STREAM = Array.from({ length: CHUNKS }, (_, index) => {
  const delta =
    index === 0 ? { role: "assistant", content: "" } : index === CHUNKS - 1 ? {} : { content: wordOf(index) }
  return Buffer.from(
    `data: ${JSON.stringify({
      id: "chatcmpl-bench",
      object: "chat.completion.chunk",
      created: 1_700_000_000,
      model: "mock",
      choices: [{ index: 0, delta, logprobs: null, finish_reason: index === CHUNKS - 1 ? "stop" : null }],
    })}\n\n`,
  )
})
const DONE = Buffer.from("data: [DONE]\n\n")

function wordOf(offset: number): string {
  const words = ["A", " short", " answer", " of", " a", " mock", ",", " long", " enough", " to", " be", " one", "."]
  return words[offset % words.length] ?? ""
}

/** Writes a chunk a turn of the loop: each is a write of its own, as a model's tokens are. */
function stream(response: ServerResponse): void {
  response.writeHead(200, { "content-type": "text/event-stream" })
  let offset = 0
  const next = () => {
    const chunk = STREAM[offset++]
    if (chunk === undefined) {
      response.end(DONE)
      return
    }
    response.write(chunk)
    setImmediate(next)
  }
  next()
}

const PICTURE = readFileSync(process.argv[2] ?? "")

const server = createServer((request, response) => {
  let isStream = false
  request.on("data", (chunk: Buffer) => {
    isStream ||= chunk.includes('"stream":true')
  })
  request.on("end", () => {
    if (isStream) {
      stream(response)
      return
    }
    const answer = request.url === "/v1/images/generations" ? PICTURE : ANSWER
    response.writeHead(200, { "content-type": "application/json", "content-length": answer.length }).end(answer)
  })
})
server.listen(0, "127.0.0.1", () => process.stdout.write(`${(server.address() as AddressInfo).port}\n`))
