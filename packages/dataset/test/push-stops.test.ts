import { once } from "node:events"
import { createServer, type IncomingMessage } from "node:http"
import type { AddressInfo } from "node:net"
import { noSignal } from "@nightlight/dev-env/dataset/shards"
import { scan } from "@nightlight/dev-env/dataset/workspaces"
import { expect, it, onTestFinished } from "vitest"
import { pushScan } from "../src/push/push-scan.ts"
import { requestOf, textDataset } from "./support/text-dataset.ts"

const SOURCE = "source-00000000-0000-0000-0000-000000000000"

it("a push aborts the uploads in progress, and starts no other, when the server refuses one", async () => {
  using test = await textDataset(6)
  await scan(test.workspace, requestOf(test))
  const uploads: IncomingMessage[] = []
  const ended: Promise<unknown>[] = []
  const server = createServer((request, answer) => {
    const { method } = request
    if (method === "GET") {
      answer.end(JSON.stringify({ source: SOURCE, keyId: test.workspace.signer.keyId, namesAccounts: false }))
    } else if (method === "POST") {
      const lines = [1, 2, 3, 4, 5, 6].map((line) => ({ line, status: "accepted", wants: "0".repeat(64) }))
      answer.end(JSON.stringify({ accepted: 6, known: 0, refused: 0, lines }))
    } else {
      uploads.push(request)
      ended.push(once(answer, "close"))
      // The others wait for an answer that never comes.
      if (uploads.length === 4) answer.writeHead(401).end('{"type":"unauthenticated"}')
    }
  })
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  await once(server.listen(0, "127.0.0.1"), "listening")
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

  const pushed = pushScan(test.workspace, { scan: "s-000001", server: address, key: "key" }, {}, noSignal)

  await expect(pushed).rejects.toMatchObject({ code: "unauthenticated" })
  await Promise.all(ended)
  expect(uploads).toHaveLength(4)
})
