/**
 * `nightlight conformance`: looks for ways around a gateway.
 * @module
 */
import { readFile, writeFile } from "node:fs/promises"
import { resolve } from "node:path"
import { EXIT, inert, RequestError } from "@nightlight/core"
import type { ConformanceReport, MockUpstream } from "@nightlight/guard/conformance"
import type { Command } from "commander"
import { openCounter } from "../terminal/counter-line.ts"
import type { Io } from "../terminal/io.ts"
import { parseCount, parsePort } from "../terminal/parse-option.ts"
import { type CommandContext, print } from "./context.ts"

interface ConformanceFlags {
  readonly self?: boolean
  readonly target?: string
  readonly authorised?: boolean
  readonly printMarkers?: boolean
  readonly mockHost: string
  readonly mockPort: number
  readonly keyFile?: string
  readonly marker?: string
  readonly timeout: number
  readonly report: string
  readonly json?: boolean
}

const HELP = `
The suite plays both sides: it is the client of the gateway, and the upstream behind it.

  1. nightlight conformance --print-markers
     tells the phrase and the pictures that the gateway has to block. Both are harmless.
  2. Give them to the gateway, and http://HOST:MOCK_PORT/v1 as its upstream.
  3. nightlight conformance --target http://gateway:8081/v1 --authorised --mock-port MOCK_PORT

Ends with 0 when every case passed, 4 when one failed, 10 when the target is not reached.`

/** Adds `nightlight conformance`. */
export function addConformance(program: Command, context: CommandContext): void {
  program
    .command("conformance")
    .description("look for ways around a gateway, with harmless markers; needs no workspace")
    .option("--self", "test a guard of our own that is started for it")
    .option("--target <url>", "test the gateway with this base URL, such as http://127.0.0.1:8081/v1")
    .option("--authorised", "you own the target, or its owner agreed; needed with --target")
    .option("--print-markers", "print what a gateway has to block, and stop")
    .option("--mock-host <host>", "where the mock upstream listens", "127.0.0.1")
    .option("--mock-port <number>", "port of the mock upstream: the target's upstream must be it", parsePort, 8199)
    .option("--key-file <file>", "file with the key that the target asks for")
    .option("--marker <phrase>", "phrase that the target blocks, in place of the suite's own")
    .option("--timeout <seconds>", "longest time for one answer", parseCount, 30)
    .option("--report <file>", "where the report page goes", "conformance.html")
    .option("--json", "print the result as one JSON object")
    .addHelpText("after", HELP)
    .action(async (flags: ConformanceFlags) => {
      if (flags.printMarkers === true) return await printMarkers(flags, context)
      const report = await runFor(flags, context.io)
      const { renderConformancePage } = await import("@nightlight/guard/conformance")
      await writeFile(resolve(context.io.cwd, flags.report), renderConformancePage(report)).catch(() => {
        throw new RequestError("input_invalid", "the report page cannot be written there")
      })
      print(context.io, flags.json, report, () => formatReport(report, flags.report))
      context.done(report.failed === 0 ? EXIT.done : EXIT.checkFailed)
    })
}

async function runFor(flags: ConformanceFlags, io: Io): Promise<ConformanceReport> {
  const { self, target, authorised, mockHost, mockPort, marker } = flags
  if ((self === true) === (target !== undefined)) {
    throw new RequestError("input_invalid", "give either --self or --target")
  }
  if (target !== undefined) assertTarget(target, authorised)
  const key = flags.keyFile === undefined ? undefined : await readKey(resolve(io.cwd, flags.keyFile))
  if (marker !== undefined && marker.trim().length < MIN_MARKER) {
    throw new RequestError("input_invalid", `a marker has at least ${MIN_MARKER} characters`)
  }
  const { CONFORMANCE_MARKER, runConformance, startMockUpstream } = await import("@nightlight/guard/conformance")
  await using opened = new AsyncDisposableStack()
  const place = self === true ? {} : { host: mockHost, port: mockPort }
  const upstream = opened.adopt(await startMockUpstream(place), (mock) => mock.close())
  const phrase = marker ?? CONFORMANCE_MARKER
  const url = target ?? opened.use(await startOwn(upstream, phrase)).url
  const counter = openCounter(io, flags.json === true, "cases tried")
  opened.defer(() => counter.close())
  return await runConformance({
    target: url,
    upstream,
    marker: phrase,
    timeoutMs: flags.timeout * 1000,
    signal: io.signal,
    onCase: (_, done) => counter.update(done),
    ...(key !== undefined && { key }),
  })
}

/** Half a marker is looked for as well: a short one would be found in anything. */
const MIN_MARKER = 24

function assertTarget(target: string, authorised: boolean | undefined): void {
  if (authorised !== true) {
    throw new RequestError("input_invalid", "testing a target needs --authorised: you own it, or its owner agreed")
  }
  const { protocol, username, search } = URL.parse(target) ?? {}
  if ((protocol !== "http:" && protocol !== "https:") || username !== "" || search !== "") {
    throw new RequestError("input_invalid", "--target must be an http or https URL without a user and a query")
  }
}

async function startOwn({ url }: MockUpstream, phrase: string) {
  const { startOwnGuard } = await import("@nightlight/guard")
  return startOwnGuard({ upstreamUrl: url, phrase })
}

async function readKey(path: string): Promise<string> {
  const key = (await readFile(path, "utf8").catch(() => "")).trim()
  if (/^[\x21-\x7e]{1,4096}$/.test(key)) return key
  throw new RequestError("input_invalid", "the key's file cannot be read, or holds no key")
}

async function printMarkers({ marker, json }: ConformanceFlags, context: CommandContext): Promise<void> {
  const { CONFORMANCE_MARKER } = await import("@nightlight/guard/conformance")
  const { testCardDigests, testCardPdq } = await import("@nightlight/screening")
  const markers = { phrase: marker ?? CONFORMANCE_MARKER, picture: { ...testCardDigests(0), pdq: testCardPdq(0) } }
  const { md5, sha1, sha256, pdq } = markers.picture
  print(
    context.io,
    json,
    markers,
    () => `phrase  ${inert(markers.phrase)}
picture a generated test card, PNG
  md5     ${md5}
  sha1    ${sha1}
  sha256  ${sha256}
  pdq     ${pdq}
`,
  )
  context.done(EXIT.done)
}

function formatReport({ passed, failed, cases, untested }: ConformanceReport, page: string): string {
  const failures = cases
    .filter(({ outcome }) => outcome === "failed")
    .map(({ id, problems }) => `  ${id}: ${problems.join(", ")}`)
  const closed = cases.filter(({ outcome }) => outcome === "closed").length
  return [
    `${failed === 0 ? "No way around was found" : `${failed} of ${cases.length} cases failed`}`,
    ...failures,
    "",
    `Cases     ${cases.length}: ${passed} passed (${closed} of them because nothing passes there), ${failed} failed`,
    `Untested  ${untested.join("; ")}`,
    `Report    ${inert(page)}`,
    "",
  ].join("\n")
}
