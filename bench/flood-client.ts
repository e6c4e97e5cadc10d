/**
 * A caller that floods: `flood-client.ts <port> <key> <what>` keeps twelve bodies of 12 MB on their way to `/v1/screen`
 * until it is ended. A process of its own, so that what it costs is not the server's.
 */
import { request } from "node:http"

const CONCURRENCY = 12
const BODY_BYTES = 12_000_000
const BODIES: Readonly<Record<string, () => string>> = {
  arrays: () => `[${"[],".repeat(BODY_BYTES / 3)}[]]`,
  keys: () => `{${Array.from({ length: 900_000 }, (_, index) => `"k${index}":1`).join(",")}}`,
}

const [port = "", key = "", what = ""] = process.argv.slice(2)
const body = Buffer.from(BODIES[what]?.() ?? "")

function send(): void {
  const call = request({
    host: "127.0.0.1",
    port,
    path: "/v1/screen",
    method: "POST",
    agent: false,
    headers: {
      authorization: `Bearer ${key}`,
      "content-type": "application/json",
      "content-length": body.length,
    },
  })
  let isOver = false
  const again = () => {
    if (isOver) return
    isOver = true
    call.destroy()
    setImmediate(send)
  }
  call.on("response", (answer) => answer.resume().on("end", again).on("error", again))
  call.on("error", again)
  call.end(body)
}

for (let index = 0; index < CONCURRENCY; index++) send()
process.stdout.write("flooding\n")
