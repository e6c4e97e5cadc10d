/**
 * A service that answers every chat request at once with the same short completion, and every request for a picture with
 * the answer in the file that is its argument. Prints its port.
 */
import { readFileSync } from "node:fs"
import { createServer } from "node:http"
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
        message: { role: "assistant", content: "A short answer of a mock, long enough to be one. ".repeat(4) },
        finish_reason: "stop",
      },
    ],
    usage: { prompt_tokens: 200, completion_tokens: 40, total_tokens: 240 },
  }),
)

const PICTURE = readFileSync(process.argv[2] ?? "")

const server = createServer((request, response) => {
  request.resume()
  request.on("end", () => {
    const answer = request.url === "/v1/images/generations" ? PICTURE : ANSWER
    response.writeHead(200, { "content-type": "application/json", "content-length": answer.length }).end(answer)
  })
})
server.listen(0, "127.0.0.1", () => process.stdout.write(`${(server.address() as AddressInfo).port}\n`))
