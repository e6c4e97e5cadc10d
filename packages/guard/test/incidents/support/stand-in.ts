import { createHash } from "node:crypto"
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { GuardHeartbeat, PushedFinding } from "@nightlight/contract/server"
import { compact } from "@nightlight/core"
import { checkDocument } from "@nightlight/durable"
import { toVerifier } from "@nightlight/vault"

const SOURCE = "source-00000000-0000-4000-8000-000000000001"

/** A server that speaks the contract of intake, and keeps what it got. */
export interface StandIn {
  readonly url: URL
  /** By finding id, in the order they came. */
  readonly findings: Map<string, PushedFinding>
  /** Digest of each sealed file, by evidence id. */
  readonly evidence: Map<string, string>
  /** Heartbeats of guards, in the order of arrival. */
  readonly heartbeats: GuardHeartbeat[]
  /** Every line that came, repeated ones included. */
  lines: number
  /** Runs before a call is answered; may answer it. */
  before: (request: IncomingMessage, response: ServerResponse) => boolean
  close(): Promise<void>
}

/** Starts it. */
export async function startStandIn(publicKey: string, port = 0): Promise<StandIn> {
  const verifier = toVerifier(publicKey)
  const findings = new Map<string, PushedFinding>()
  const evidence = new Map<string, string>()
  const heartbeats: GuardHeartbeat[] = []
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const send = (value: unknown) =>
      response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(value))
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const body = Buffer.concat(chunks)
    if (standIn.before(request, response)) return
    if (request.url === "/v1/source") {
      send({ source: SOURCE, keyId: verifier.keyId, namesAccounts: true })
      return
    }
    if (request.url === "/v1/guards/self") {
      heartbeats.push(GuardHeartbeat.parse(JSON.parse(body.toString())))
      send({ source: SOURCE, nextInSeconds: 60 })
      return
    }
    if (request.url === "/v1/findings") {
      const lines = body.toString().trim().split("\n")
      const told = lines.map((line, index) => {
        standIn.lines++
        const signed = checkDocument(JSON.parse(line), "nightlight-pushed-finding/1", verifier)
        if (signed === undefined) return { line: index + 1, status: "refused", code: "signature_wrong" }
        const pushed = PushedFinding.parse(signed)
        const { id, evidence: named } = pushed.finding
        const status = findings.has(id) ? "known" : "accepted"
        findings.set(id, pushed)
        const isWanted = named !== undefined && !evidence.has(named.id)
        return compact({
          line: index + 1,
          status,
          wants: isWanted ? named.ciphertextSha256 : undefined,
        })
      })
      const count = (status: string) => told.filter((line) => line.status === status).length
      send({ accepted: count("accepted"), known: count("known"), refused: count("refused"), lines: told })
      return
    }
    const [, id = ""] = /^\/v1\/evidence\/([0-9a-f]{64})$/.exec(request.url ?? "") ?? []
    evidence.set(id, createHash("sha256").update(body).digest("hex"))
    send({ evidence: id, bytes: body.length })
  }
  const server = createServer((request, response) => void answer(request, response))
  await new Promise<void>((done) => server.listen(port, "127.0.0.1", done))
  const standIn: StandIn = {
    url: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`),
    findings,
    evidence,
    heartbeats,
    lines: 0,
    before: () => false,
    close: () =>
      new Promise((done) => {
        server.close(() => done())
        server.closeAllConnections()
      }),
  }
  return standIn
}
