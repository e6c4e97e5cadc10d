import fs from "node:fs"
import { syncBuiltinESMExports } from "node:module"
import { pictureBlock, textBlock } from "@nightlight/dev-env/guard/events"
import { filesBelow, makePlace, open, until } from "@nightlight/dev-env/guard/place"
import { describe, expect, it } from "vitest"
import { startStandIn } from "./support/stand-in.ts"

const USER = { id: "canary-account-1" }

/** Faults of the first calls: of the source, of the incidents, of sealed files. */
const FAULTS = [
  "silence",
  "error",
  "nonsense",
  "none",
  "silence",
  "none",
  "error",
  "none",
  "none",
  "silence",
  "nonsense",
]

describe("the delivery of incidents", () => {
  it("keeps their order, signs them, sends account and sealed picture, and empties the spool", async () => {
    await using place = await makePlace()
    const server = await startStandIn(place.publicKey)
    const incidents = await open(place, { server: { url: server.url, key: "a-key" } })
    await incidents.block(textBlock("a text", { user: USER }))
    await incidents.block(pictureBlock(Buffer.from("a picture"), { user: USER }))
    await incidents.block(pictureBlock(Buffer.from("a picture of nobody's")))
    await until(() => incidents.state().spooled === 0)
    expect(incidents.state()).toEqual({ accepting: true, spooled: 0 })
    const [text, picture, nobodys] = [...server.findings.values()]
    expect(text).toMatchObject({ exchange: { account: USER }, finding: { matches: [] } })
    // A block without a list match is counted at the server; its sealed exchange stays here.
    expect(text?.finding.evidence).toBeUndefined()
    expect(picture).toMatchObject({ exchange: { account: USER }, finding: { rule: "trusted-exact" } })
    expect(server.evidence.get(picture!.finding.evidence!.id)).toBe(picture!.finding.evidence!.ciphertextSha256)
    expect(nobodys?.exchange).toEqual({})
    await until(() => filesBelow(place.spoolDir).every((path) => !path.endsWith(".spool")))
    await incidents.close()
    await server.close()
  })

  it("waits while the server is away, even over restarts, and delivers everything once when it is back", async () => {
    await using place = await makePlace({ segmentBytes: 2000 })
    const gone = await startStandIn(place.publicKey)
    const { url } = gone
    await gone.close()
    const server = { url, key: "a-key" }
    const first = await open(place, { server })
    for (let index = 0; index < 5; index++) expect(await first.block(textBlock(`text ${index}`))).toBe("kept")
    await until(() => first.state().fault !== undefined)
    expect(first.state()).toEqual({ accepting: true, fault: "server_unavailable", spooled: 5 })
    await first.close()
    const second = await open(place, { server })
    await second.block(pictureBlock(Buffer.from("a picture")))
    expect(second.state().spooled).toBe(6)
    const back = await startStandIn(place.publicKey, Number(url.port))
    await until(() => second.state().spooled === 0)
    expect(back.findings.size).toBe(6)
    expect(back.evidence.size).toBe(1)
    expect(second.state()).toEqual({ accepting: true, spooled: 0 })
    await second.close()
    await back.close()
  })

  it("is retried after silence, an error or a malformed answer, and loses nothing", async () => {
    await using place = await makePlace()
    const server = await startStandIn(place.publicKey)
    let calls = 0
    server.before = (request, response) => {
      const fault = FAULTS[calls++]
      if (fault === "silence") request.socket.destroy()
      if (fault === "error") response.writeHead(503).end("{}")
      if (fault === "nonsense") response.writeHead(200).end("<html>")
      return fault !== undefined && fault !== "none"
    }
    const incidents = await open(place, { server: { url: server.url, key: "a-key" } })
    for (let index = 0; index < 3; index++) await incidents.block(pictureBlock(Buffer.from(`picture ${index}`)))
    await until(() => incidents.state().spooled === 0)
    expect(server.findings.size).toBe(3)
    expect(server.evidence.size).toBe(3)
    await incidents.close()
    await server.close()
  })

  it("keeps an incident that the server's answer leaves out", async () => {
    await using place = await makePlace()
    const server = await startStandIn(place.publicKey)
    let pushes = 0
    server.before = (request, response) => {
      if (request.method !== "POST" || ++pushes > 1) return false
      response.writeHead(200).end(JSON.stringify({ accepted: 0, known: 0, refused: 0, lines: [] }))
      return true
    }
    const incidents = await open(place, { server: { url: server.url, key: "a-key" } })
    await incidents.block(textBlock("a text"))
    await until(() => incidents.state().spooled === 0)
    expect(server.findings.size).toBe(1)
    await incidents.close()
    await server.close()
  })

  it("is retried when a sealed file exists but could not be opened", async () => {
    await using place = await makePlace()
    const server = await startStandIn(place.publicKey)
    const { openAsBlob } = fs
    fs.openAsBlob = () => {
      fs.openAsBlob = openAsBlob
      syncBuiltinESMExports()
      return Promise.reject(new Error("too many open files"))
    }
    syncBuiltinESMExports()
    const incidents = await open(place, { server: { url: server.url, key: "a-key" } })
    await incidents.block(pictureBlock(Buffer.from("a picture")))
    await until(() => incidents.state().spooled === 0)
    expect(place.alarms).not.toContain("evidence_not_taken")
    expect(server.evidence.size).toBe(1)
    await incidents.close()
    await server.close()
  })

  it("raises no alarm for a delivery that its own end cuts off", async () => {
    await using place = await makePlace()
    const server = await startStandIn(place.publicKey)
    const asked = Promise.withResolvers<void>()
    server.before = () => {
      asked.resolve()
      return true
    }
    const incidents = await open(place, { server: { url: server.url, key: "a-key" } })
    await incidents.block(textBlock("one"))
    await asked.promise
    const [kept] = await Promise.all([incidents.block(textBlock("two")), incidents.close()])
    expect(kept).toBe("kept")
    expect(place.alarms).toEqual([])
    await server.close()
  })

  it("keeps incidents and reports it where the server knows this workspace by another key, or not at all", async () => {
    await using place = await makePlace()
    await using other = await makePlace()
    const server = await startStandIn(other.publicKey)
    const incidents = await open(place, { server: { url: server.url, key: "a-key" } })
    await incidents.block(textBlock("a text"))
    await until(() => incidents.state().fault !== undefined)
    expect(incidents.state()).toEqual({ accepting: true, fault: "server_refuses", spooled: 1 })
    expect(server.findings.size).toBe(0)
    server.before = (_request, response) => {
      response.writeHead(401).end(JSON.stringify({ type: "unauthenticated" }))
      return true
    }
    await until(() => place.alarms.includes("server_refuses"))
    await incidents.close()
    await server.close()
  })

  it("raises an alarm for an incident that the server will never accept, and continues with the others", async () => {
    await using place = await makePlace()
    const server = await startStandIn(place.publicKey)
    const incidents = await open(place, {
      server: { url: server.url, key: "a-key" },
      sourceKey: async () => {
        const { keyId, sign } = await place.options.sourceKey()
        const wrong = (body: object) => JSON.stringify(body).includes("chat.output")
        return { keyId, sign: (body) => (wrong(body) ? { ...body, signature: "" } : sign(body)) }
      },
    })
    await incidents.block(textBlock("not taken", { direction: "output" }))
    await incidents.block(textBlock("taken"))
    await until(() => incidents.state().spooled === 0)
    expect(place.alarms).toEqual(["finding_refused_signature_wrong"])
    expect(server.findings.size).toBe(1)
    await incidents.close()
    await server.close()
  })
})
