import { once } from "node:events"
import { type IncomingMessage, request } from "node:http"
import { createInterface } from "node:readline"
import type { LiveMessage } from "@nightlight/contract/server"

/** A stream as a browser reads it, over a real socket. */
export interface Stream extends Disposable {
  readonly answer: IncomingMessage
  /** The next `changed` event's data as it came. */
  next(): Promise<LiveMessage>
  /** The next comment. */
  comment(): Promise<void>
  /** Resolves when the server ended it. */
  ended(): Promise<void>
}

/** Opens the stream of a cookie's session; the answer's headers are there when it resolves. */
export async function openStream(port: number, cookie: string): Promise<Stream> {
  const call = request({ host: "127.0.0.1", port, path: "/v1/live", headers: { host: "localhost", cookie } })
  call.end()
  const [answer] = (await once(call, "response")) as [IncomingMessage]
  answer.on("error", () => undefined)
  const lines = createInterface({ input: answer })[Symbol.asyncIterator]()
  const until = async (wanted: RegExp): Promise<string> => {
    for (;;) {
      const { value, done } = await lines.next()
      if (done === true) throw new Error("the stream ended")
      if (wanted.test(value)) return value
    }
  }
  return {
    answer,
    next: async () => JSON.parse((await until(/^data: /)).slice("data: ".length)) as LiveMessage,
    comment: async () => void (await until(/^:$/)),
    ended: async () => {
      while ((await lines.next()).done !== true);
    },
    [Symbol.dispose]: () => call.destroy(),
  }
}
