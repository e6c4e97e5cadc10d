import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { ConformanceReport } from "@nightlight/conformance"
import { compact } from "@nightlight/core"
import { oneObject, runCommand } from "@nightlight/dev-env/command/run-command"
import { afterAll, beforeAll, describe, expect, it } from "vitest"

let dir: string
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), "nightlight-conformance-test-"))
})
afterAll(() => rmSync(dir, { recursive: true, force: true }))

/** Where nothing may pass, harmless or not: what cannot be looked at, and what nobody knows. */
const CLOSED = new RegExp(
  [
    /^routes\.|\.body-|link-|\.store$|nobody-knows|token-numbers|-of-the-service$|background|earlier-response$|conversation$/,
    /file-part|audio|responses\.input\.file|file-by-its-id|prompt-template|picture-beside-the-text|second-prompt|name-of-a-file|unfinished-picture/,
    // Kinds that these endpoints of the API do not take.
    /of-format-bmp|variations\.input\.picture-of-format-(?:gif|avif|tiff)/,
    /logprobs|padding|the-same-key-twice|packed|a-header-that-says-it|a-comment|names-and-ids|after-the-end/,
    /nobody-asked-for|without-an-end-of-line|says-what-no-delta-said|partial-picture|error-event/,
  ]
    .map(({ source }) => source)
    .join("|"),
)

/** One case for each way that was open once. */
const KNOWN_LEAKS = [
  "chat.input.picture-in-a-text-behind-another-picture",
  "chat.output.picture-in-a-text-slash-escaped",
  "chat.output.picture-in-a-text-type-of-any-bytes.stream",
  "responses.output.picture-in-a-text-percent-bytes",
  "chat.input.picture-in-a-text-html-number",
  "responses.output.picture-in-a-text-html-in-a-data-url.stream",
  "chat.input.picture-in-a-text-of-a-tool-s-result-bare-base64",
  "chat.input.picture-cut-in-two-over-two-parts",
  "responses.output.phrase-cut-in-two-over-two-parts.stream",
  "chat.output.phrase-cut-in-two-over-two-fields.stream",
  "chat.output.text-phrase-with-emoji-between-words.stream",
  "chat.input.text-phrase-with-long-html-numbers",
]

describe("nightlight conformance --local-guard", () => {
  let report: ConformanceReport
  beforeAll(async () => {
    const ended = await runCommand(["conformance", "--local-guard", "--json"], { cwd: dir })
    report = oneObject(ended) as unknown as ConformanceReport
    expect(failuresOf(report)).toEqual([])
    expect(ended.exit).toBe(0)
  }, 300_000)

  it("finds no way around our own guard, and tries every endpoint", () => {
    expect(report.cases.length).toBeGreaterThanOrEqual(400)
    expect(report).toMatchObject({
      leaked: 0,
      stoppedOtherwise: 0,
      broken: 0,
      sound: report.cases.length,
      findings: [],
    })
    expect(report.cases.filter(({ outcome }) => outcome === "untested")).toEqual([])
  })

  it("tries every picture and phrase of the known leaks, open and inspected", () => {
    const sound = new Set(report.cases.filter(({ outcome }) => outcome === "sound").map(({ id }) => id))
    for (const id of KNOWN_LEAKS) expect(sound, id).toContain(id)
  })

  it("finds closed only what cannot be inspected: the rest is open and inspected", () => {
    const closed = report.cases.filter(({ outcome }) => outcome === "closed").map(({ id }) => id)
    expect(closed.filter((id) => !CLOSED.test(id))).toEqual([])
  })

  it("writes a page that names every endpoint and what was not tested, and leaves nothing else", () => {
    const page = readFileSync(join(dir, "conformance.html"), "utf8")
    expect(page).toContain("No way around was found")
    for (const words of ["images.edits", "litellm", ...report.notTested, report.suite.sha256])
      expect(page).toContain(words)
    expect(page).not.toContain("<script")
    expect(readdirSync(dir)).toEqual(["conformance.html"])
  })
})

describe("nightlight conformance --target", () => {
  it("needs --authorised, and either a target or --local-guard", async () => {
    for (const args of [
      ["--target", "http://127.0.0.1:9/v1"],
      [],
      ["--local-guard", "--target", "http://127.0.0.1:9/v1"],
    ]) {
      expect((await runCommand(["conformance", ...args], { cwd: dir })).exit).toBe(2)
    }
    const { exit, err } = await runCommand(["conformance", "--target", "ftp://x", "--authorised"], { cwd: dir })
    expect(exit, err).toBe(2)
  })

  it("refuses headers, statuses and patterns that mean nothing", async () => {
    const target = ["--target", "http://127.0.0.1:9/v1", "--authorised"]
    for (const args of [
      ["--header", "no value"],
      ["--header", "a b: c"],
      ["--blocks-with", "446,x"],
      ["--blocks-with", "200"],
      ["--mock-port", "0", "--only", "no.such.case"],
    ]) {
      const { exit, err } = await runCommand(["conformance", ...target, ...args], { cwd: dir })
      expect(exit, `${args.join(" ")}: ${err}`).toBe(2)
    }
  })

  it("ends with 10 when the target does not answer, or does not use the mock as its upstream", async () => {
    const page = join(dir, "none.html")
    const options = ["--authorised", "--mock-port", "0", "--report", page]
    const nobody = await runCommand(["conformance", "--target", "http://127.0.0.1:9/v1", ...options], { cwd: dir })
    expect(nobody.exit).toBe(10)
    const other = createServer((_request, response) => response.end("{}"))
    await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve))
    const target = `http://127.0.0.1:${(other.address() as AddressInfo).port}/v1`
    const elsewhere = await runCommand(["conformance", "--target", target, ...options], { cwd: dir })
    other.close()
    expect(elsewhere.exit).toBe(10)
    expect(elsewhere.err).toContain("did not reach the mock upstream")
    expect(existsSync(page)).toBe(false)
  })

  it("fails a service that passes everything on, using its key, and reports what leaked", async () => {
    const port = await freePort()
    const keys = new Set<string | undefined>()
    const sent = new Set<string | string[] | undefined>()
    const passing = createServer((request, response) => {
      void (async () => {
        keys.add(request.headers.authorization)
        sent.add(request.headers["x-team"])
        const chunks: Buffer[] = []
        for await (const chunk of request) chunks.push(chunk as Buffer)
        const body = Buffer.concat(chunks)
        const { authorization: _, host: __, ...headers } = request.headers
        const passed = await fetch(
          `http://127.0.0.1:${port}${request.url}`,
          compact({
            method: request.method ?? "GET",
            headers: headers as Record<string, string>,
            body: body.length > 0 ? body : undefined,
            redirect: "manual",
          }),
        )
        const type = passed.headers.get("content-type") ?? ""
        response.writeHead(passed.status, { "content-type": type, server: "passing/1.0" })
        response.end(Buffer.from(await passed.arrayBuffer()))
      })().catch(() => response.destroy())
    })
    await new Promise<void>((resolve) => passing.listen(0, "127.0.0.1", resolve))
    writeFileSync(join(dir, "key"), "a-key-of-tests\n")
    const target = `http://127.0.0.1:${(passing.address() as AddressInfo).port}/v1`
    const args = [
      "--target",
      target,
      "--authorised",
      "--mock-port",
      String(port),
      "--key-file",
      "key",
      "--header",
      "X-Team: a-secret",
      "--timeout",
      "6",
    ]
    const ended = await runCommand(["conformance", ...args, "--json"], { cwd: dir })
    passing.closeAllConnections()
    passing.close()
    const report = oneObject(ended) as unknown as ConformanceReport
    expect(ended.exit).toBe(4)
    expect(report.leaked).toBeGreaterThan(300)
    // The result of each case is said once, whatever the number of cases that show one cause.
    expect(report.findings.length).toBeLessThan(report.leaked / 2)
    expect(report.target.says).toEqual({ server: "passing/1.0" })
    expect(ended.out).not.toContain("a-secret")
    expect(sent).toEqual(new Set(["a-secret"]))
    expect(failuresOf(report)).toContain("chat.input.user-text")
    expect(failuresOf(report)).toContain("chat.output.text")
    expect(failuresOf(report)).not.toContain("chat.input.harmless-text")
    expect(keys).toEqual(new Set(["Bearer a-key-of-tests"]))
  }, 300_000)
})

const hex = (chars: number) => expect.stringMatching(new RegExp(`^[0-9a-f]{${chars}}$`))
const DIGESTS = { md5: hex(32), sha1: hex(40), sha256: hex(64) }

it("prints what a gateway has to block", async () => {
  const printed = oneObject(await runCommand(["conformance", "--print-markers", "--json"], { cwd: dir }))
  expect(printed).toMatchObject({ phrase: expect.stringMatching(/^nightlight-marker-/) })
  expect(printed).toMatchObject({
    pictures: expect.arrayContaining([
      { format: "webp", ...DIGESTS },
      { format: "avif", ...DIGESTS },
    ]),
  })
})

const failuresOf = ({ cases }: ConformanceReport) =>
  cases
    .filter(({ outcome }) => outcome !== "sound" && outcome !== "closed" && outcome !== "untested")
    .map(({ id }) => id)

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}
