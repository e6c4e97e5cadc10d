import { spawn } from "node:child_process"
import { once } from "node:events"
import { writeFile } from "node:fs/promises"
import { createServer } from "node:https"
import type { AddressInfo } from "node:net"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { MINUTE_MS } from "@nightlight/core"
import { enrolReporters, filer, filingGrant, giveCredentials } from "@nightlight/dev-env/custodian/filing"
import { makeSite, PASSPHRASE } from "@nightlight/dev-env/custodian/folders"
import { makeCertificate } from "@nightlight/dev-env/simulators/certificate"
import { expect, it, onTestFinished } from "vitest"
import { createCustodianClient } from "../src/index.ts"

const MAIN = fileURLToPath(new URL("../src/main.ts", import.meta.url))

/** A host whose certificate no authority that Node brings vouches for, and what was asked of it. */
async function startHost() {
  const { key, cert } = makeCertificate("localhost")
  const calls: string[] = []
  const server = createServer({ key, cert }, (request, response) => {
    calls.push(request.url ?? "")
    request.resume().on("end", () => response.writeHead(503).end())
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  onTestFinished(() => void server.close())
  return { baseUrl: `https://localhost:${(server.address() as AddressInfo).port}/ispws`, cert, calls }
}

/** Starts a custodian as a service manager may, with a certificate's authority in the environment. */
async function startWith(dir: string, authority: string) {
  const authorities = { NODE_EXTRA_CA_CERTS: authority, SSL_CERT_FILE: authority, NODE_TLS_REJECT_UNAUTHORIZED: "0" }
  const args = ["--no-warnings", "--conditions=@nightlight/source", MAIN, dir, "--passphrase-stdin", "--accept-config"]
  const child = spawn(process.execPath, args, { env: authorities, stdio: ["pipe", "pipe", "ignore"] })
  child.stdin.end(`${PASSPHRASE}\n`)
  const [line] = (await once(child.stdout, "data")) as [Buffer]
  const { listening: socket } = JSON.parse(line.toString()) as { listening: string }
  const stop = async () => {
    child.kill("SIGTERM")
    await once(child, "exit")
  }
  return { socket, stop }
}

it("sends credentials to no host that the environment alone vouches for, and to one that its own configuration does", {
  timeout: 3 * MINUTE_MS,
}, async () => {
  const host = await startHost()
  const site = await makeSite({ hosts: { test: { baseUrl: host.baseUrl } } })
  const authority = join(site.root, "authority.pem")
  await writeFile(authority, host.cert)
  await giveCredentials(site)

  const first = await startWith(site.dir, authority)
  const people = await enrolReporters(first.socket)
  const open = async (socket: string, reportId: string) =>
    filer(() => socket, await filingGrant(people, { reportId })).open()
  expect(await open(first.socket, "report-1")).toMatchObject({ status: 200, body: { kind: "unsent" } })
  await first.stop()
  expect(host.calls).toEqual([])

  await site.configure({ hosts: { test: { baseUrl: host.baseUrl, authorityFile: authority } } })
  const second = await startWith(site.dir, authority)
  expect(await createCustodianClient(second.socket).state()).toMatchObject({ state: "ready" })
  expect(await open(second.socket, "report-2")).toMatchObject({ status: 200, body: { httpStatus: 503 } })
  await second.stop()
  expect(host.calls).toEqual(["/ispws/submit"])
})
