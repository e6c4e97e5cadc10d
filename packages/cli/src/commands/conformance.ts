/**
 * `nightlight conformance`: looks for ways around a gateway.
 * @module
 */
import { createHash } from "node:crypto"
import { readFile, writeFile } from "node:fs/promises"
import { resolve } from "node:path"
import type { ConformanceReport } from "@nightlight/conformance"
import { compact, EXIT, inert, RequestError } from "@nightlight/core"
import { type Command, InvalidArgumentError } from "commander"
import { openCounter } from "../terminal/counter-line.ts"
import type { Io } from "../terminal/io.ts"
import { parseCount, parsePort } from "../terminal/parse-option.ts"
import { type CommandContext, print } from "./context.ts"

interface ConformanceFlags {
  readonly localGuard?: boolean
  readonly target?: string
  readonly authorised?: boolean
  readonly printMarkers?: boolean
  readonly answer?: string
  readonly header: readonly Header[]
  readonly only?: (id: string) => boolean
  readonly blocksWith: readonly number[]
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
     prints the phrase and the pictures that the gateway has to block. Both are harmless.
  2. Give them to the gateway, and http://HOST:MOCK_PORT/v1 as its upstream.
  3. nightlight conformance --target http://gateway:8081/v1 --authorised --mock-port MOCK_PORT

Ends with 0 when every case is sound, 4 when one leaked, was stopped another way or could not be judged, 10 when the target
is not reached.`

/** Adds `nightlight conformance`. */
export function addConformance(program: Command, context: CommandContext): void {
  program
    .command("conformance")
    .description("test a gateway for ways around it, with harmless markers; needs no workspace")
    .option("--local-guard", "test a guard that is started for this run")
    .option("--target <url>", "test the gateway with this base URL, such as http://127.0.0.1:8081/v1")
    .option("--authorised", "you own the target, or its owner agreed; needed with --target")
    .option("--print-markers", "print what a gateway must block, and exit")
    .option("--mock-host <host>", "the address that the mock upstream listens on", "127.0.0.1")
    .option("--mock-port <number>", "port of the mock upstream, which must be the target's upstream", parsePort, 8199)
    .option("--key-file <file>", "file with the key that the target requires")
    .option("--marker <phrase>", "a phrase that the target blocks (default: the suite's own)")
    .option("--header <name: value>", "send this header with every request; may be repeated", parseHeader, [])
    .option("--only <pattern>", "run only cases whose id matches, such as chat.output.*", parseOnly)
    .option("--blocks-with <statuses>", "statuses that this target blocks with, such as 446,403", parseStatuses, [])
    .option("--answer <case>", "act as the upstream with this case's answer until Ctrl-C, to reproduce a finding")
    .option("--timeout <seconds>", "time limit for one answer", parseCount, 30)
    .option("--report <file>", "the report page to write", "conformance.html")
    .option("--json", "print the result as one JSON object")
    .addHelpText("after", HELP)
    .action(async (flags: ConformanceFlags) => {
      if (flags.printMarkers === true) return await printMarkers(flags, context)
      if (flags.answer !== undefined) return await answerAs(flags.answer, flags, context)
      const report = await runFor(flags, context.io)
      const { isSoundReport, renderConformancePage } = await import("@nightlight/conformance")
      await writeFile(resolve(context.io.cwd, flags.report), renderConformancePage(report)).catch(() => {
        throw new RequestError("input_invalid", "the report page cannot be written there")
      })
      print(context.io, flags.json, report, () => formatReport(report, flags.report))
      context.done(isSoundReport(report) ? EXIT.done : EXIT.checkFailed)
    })
}

async function runFor(flags: ConformanceFlags, io: Io): Promise<ConformanceReport> {
  const { localGuard, target, authorised, mockHost, mockPort, marker } = flags
  if ((localGuard === true) === (target !== undefined)) {
    throw new RequestError("input_invalid", "give either --local-guard or --target")
  }
  if (target !== undefined) assertTarget(target, authorised)
  const key = flags.keyFile === undefined ? undefined : await readKey(resolve(io.cwd, flags.keyFile))
  if (marker !== undefined && marker.trim().length < MIN_MARKER) {
    throw new RequestError("input_invalid", `a marker needs at least ${MIN_MARKER} characters`)
  }
  const { runConformance, runLocalConformance, startMockUpstream } = await import("@nightlight/conformance")
  await using opened = new AsyncDisposableStack()
  const counter = openCounter(io, flags.json === true, "cases tried")
  opened.defer(() => counter.close())
  const options = {
    timeoutMs: flags.timeout * 1000,
    signal: io.signal,
    headers: Object.fromEntries(flags.header),
    blocksWith: flags.blocksWith,
    onCase: (_: unknown, done: number) => counter.update(done),
    ...compact({ key, marker, only: flags.only }),
  }
  if (target === undefined) {
    const { startLocalGuard } = await import("@nightlight/guard")
    return await runLocalConformance(startLocalGuard, options)
  }
  const upstream = opened.adopt(await startMockUpstream({ host: mockHost, port: mockPort }), (mock) => mock.close())
  return await runConformance({ ...options, target, upstream })
}

/** Half a marker is searched for as well: a short one would be found in anything. */
const MIN_MARKER = 24

function assertTarget(target: string, authorised: boolean | undefined): void {
  if (authorised !== true) {
    throw new RequestError(
      "input_invalid",
      "testing a target needs --authorised: confirm that you own it, or that its owner agreed",
    )
  }
  const { protocol, username, search } = URL.parse(target) ?? {}
  if ((protocol !== "http:" && protocol !== "https:") || username !== "" || search !== "") {
    throw new RequestError("input_invalid", "--target must be an http or https URL without a user and a query")
  }
}

async function readKey(path: string): Promise<string> {
  const key = (await readFile(path, "utf8").catch(() => "")).trim()
  if (/^[\x21-\x7e]{1,4096}$/.test(key)) return key
  throw new RequestError("input_invalid", "the key file cannot be read, or holds no key")
}

async function printMarkers({ marker, json }: ConformanceFlags, context: CommandContext): Promise<void> {
  const { CONFORMANCE_MARKER, MARKED_FILES } = await import("@nightlight/conformance")
  const { testCardPdq } = await import("@nightlight/screening")
  const pictures = Object.entries(MARKED_FILES).map(([format, file]) => ({ format, ...digestsOf(file) }))
  const markers = { phrase: marker ?? CONFORMANCE_MARKER, pictures, pdq: testCardPdq(0) }
  const lines = pictures.map(
    ({ format, md5, sha1, sha256 }) => `  ${format.padEnd(6)}md5    ${md5}
        sha1   ${sha1}
        sha256 ${sha256}
`,
  )
  print(
    context.io,
    json,
    markers,
    () => `phrase  ${inert(markers.phrase)}
picture a generated test card, in ${pictures.length} formats
${lines.join("")}  pdq   ${markers.pdq} (of the card from which they were made)
`,
  )
  context.done(EXIT.done)
}

function digestsOf(file: Uint8Array) {
  const digest = (name: string) => createHash(name).update(file).digest("hex")
  return { md5: digest("md5"), sha1: digest("sha1"), sha256: digest("sha256") }
}

/** Answers as the upstream answered the last request of one case. */
async function answerAs(id: string, flags: ConformanceFlags, context: CommandContext): Promise<void> {
  const { answerOfCase, CONFORMANCE_MARKER, startMockUpstream } = await import("@nightlight/conformance")
  await using opened = new AsyncDisposableStack()
  const place = { host: flags.mockHost, port: flags.mockPort }
  const upstream = opened.adopt(await startMockUpstream(place), (mock) => mock.close())
  const answer = await answerOfCase(id, flags.marker ?? CONFORMANCE_MARKER, upstream.url)
  if (answer === undefined) throw new RequestError("input_invalid", "no case has this id")
  upstream.answer = answer
  const { io } = context
  io.out(`${upstream.url} answers as in the case ${inert(id)}, until Ctrl-C\n`)
  await new Promise<void>((resolve) => {
    if (io.signal.aborted) resolve()
    io.signal.addEventListener("abort", () => resolve(), { once: true })
  })
  context.done(EXIT.done)
}

type Header = readonly [name: string, value: string]

function parseHeader(text: string, before: readonly Header[]): readonly Header[] {
  const [, name, value] = /^([!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}):\s*([\x20-\x7e]{0,8000})$/.exec(text) ?? []
  if (name === undefined || value === undefined) throw new InvalidArgumentError("Write it as 'name: value'.")
  return [...before, [name.toLowerCase(), value]]
}

function parseOnly(pattern: string): (id: string) => boolean {
  const parts = pattern.split("*").map((part) => part.replace(/[^A-Za-z0-9]/g, "\\$&"))
  const whole = new RegExp(`^${parts.join(".*")}$`)
  return (id) => whole.test(id)
}

function parseStatuses(text: string): readonly number[] {
  const statuses = text.split(",").map((one) => (/^\s*[2-5]\d\d\s*$/.test(one) ? Number(one) : Number.NaN))
  if (statuses.some((status) => Number.isNaN(status) || status < 300)) {
    throw new InvalidArgumentError("Write statuses from 300 to 599 with commas between, such as 446,403.")
  }
  return statuses
}

function formatReport(report: ConformanceReport, page: string): string {
  const { leaked, stoppedOtherwise, sound, closed, broken, untested, cases, findings, notTested } = report
  const title = leaked > 0 ? `${leaked} of ${cases.length} cases leaked` : "Nothing leaked"
  return [
    title,
    ...findings.map(
      ({ cause, problem, cases: affected, reproduction }) =>
        `  ${cause}: ${problem}, ${affected.length} of the cases, such as ${reproduction.case}`,
    ),
    "",
    `Leaked               ${leaked}`,
    `Stopped differently  ${stoppedOtherwise}`,
    `Sound                ${sound} (${closed} of them because the target lets nothing pass there)`,
    ...(broken > 0 ? [`Broken               ${broken}: harmless traffic failed, so these cases show nothing`] : []),
    ...report.brokenFamilies.map((family) => `                     all of ${family}`),
    ...(untested > 0 ? [`Untried              ${untested}: not offered by the target`] : []),
    `Untested             ${notTested.join("; ")}`,
    `Suite                ${report.suite.version}, SHA-256 ${report.suite.sha256}`,
    `Report               ${inert(page)}`,
    "",
  ].join("\n")
}
