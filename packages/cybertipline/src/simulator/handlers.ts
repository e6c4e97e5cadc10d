import { RESPONSE_CODES } from "../client/response-codes.ts"
import type { ElementDefinition } from "../schema/definition.ts"
import { type FileDetailsInput, fileDetailsElement } from "../schema/file-details.ts"
import { type ReportInput, reportElement } from "../schema/report.ts"
import type { Problem } from "../validate/problem.ts"
import { validateFileDetails, validateReport } from "../validate/validate.ts"
import type { SchemaVersion } from "../version.ts"
import { readDocument } from "../xml/read.ts"
import { writeXsd } from "../xml/write-xsd.ts"
import { reportDoneResponse, reportResponse, type SimulatedAnswer, xmlAnswer } from "./answers.ts"
import type { SimulatedPath } from "./faults.ts"
import { readForm } from "./form.ts"
import type { ReportStore, SimulatedReport } from "./state.ts"

/** A request from a transport. */
export interface SimulatedRequest {
  readonly method: string
  /** Below the base, such as `/submit`. */
  readonly path: string
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly body: AsyncIterable<Uint8Array>
}

/** Dependencies of handlers. */
export interface HandlerDeps {
  readonly reports: ReportStore
  readonly username: string
  readonly version: SchemaVersion
  readonly now: () => Date
}

/** Answers one path of the API. */
export type Handler = (request: SimulatedRequest, deps: HandlerDeps) => SimulatedAnswer | Promise<SimulatedAnswer>

/** Every path with its method and its handler. */
export const HANDLERS: Readonly<Record<SimulatedPath, { readonly method: "GET" | "POST"; readonly handler: Handler }>> =
  {
    "/status": { method: "GET", handler: status },
    "/xsd": { method: "GET", handler: xsd },
    "/submit": { method: "POST", handler: submit },
    "/upload": { method: "POST", handler: upload },
    "/fileinfo": { method: "POST", handler: fileInfo },
    "/finish": { method: "POST", handler: finish },
    "/retract": { method: "POST", handler: retract },
  }

const MAX_DOCUMENT_BYTES = 32 * 1024 * 1024

function status(_: SimulatedRequest, { username }: HandlerDeps): SimulatedAnswer {
  return xmlAnswer(reportResponse(0, `Remote User : ${username}, Remote Ip : 127.0.0.1`))
}

function xsd(_: SimulatedRequest, { version }: HandlerDeps): SimulatedAnswer {
  return xmlAnswer(writeXsd(version))
}

async function submit({ body }: SimulatedRequest, deps: HandlerDeps): Promise<SimulatedAnswer> {
  const read = await readValid(body, reportElement, validateReport, deps)
  if ("refusal" in read) return read.refusal
  const { batchedReport } = read.value as ReportInput
  const { reportId } = deps.reports.open(read.xml, batchedReport !== undefined)
  return xmlAnswer(reportResponse(0, "Success", { reportId }))
}

async function upload({ headers, body }: SimulatedRequest, { reports }: HandlerDeps): Promise<SimulatedAnswer> {
  const form = await readForm(headers["content-type"] ?? "", body)
  if (form?.file === undefined) return refused(RESPONSE_CODES.malformedFile, "Malformed file submittal")
  const found = findReport(reports, form.id)
  if ("refusal" in found) return found.refusal
  const { reportId } = found.report
  const { fileId, md5 } = reports.addFile(found.report, form.file)
  return xmlAnswer(reportResponse(0, "Success", { reportId, fileId, hash: md5 }))
}

async function fileInfo({ body }: SimulatedRequest, deps: HandlerDeps): Promise<SimulatedAnswer> {
  const { reports } = deps
  const read = await readValid(body, fileDetailsElement, validateFileDetails, deps)
  if ("refusal" in read) return read.refusal
  const { reportId, fileId } = read.value as FileDetailsInput
  const found = findReport(reports, reportId)
  if ("refusal" in found) return found.refusal
  const file = found.report.files.find((one) => one.fileId === fileId)
  if (file === undefined) return refused(RESPONSE_CODES.fileUnknown, "File does not exist")
  if (file.details !== undefined) {
    return refused(RESPONSE_CODES.validationFailed, "Validation failed: file details were submitted before")
  }
  reports.describe(found.report, fileId, read.xml)
  return xmlAnswer(reportResponse(0, "Success", { reportId }))
}

async function finish(request: SimulatedRequest, { reports, version, now }: HandlerDeps): Promise<SimulatedAnswer> {
  const found = await reportOfForm(request, reports)
  if ("refusal" in found) return found.refusal
  const { report } = found
  if (report.isBatched && !isBatchSound(report, version, now())) {
    const { validationFailed } = RESPONSE_CODES
    return xmlAnswer(reportResponse(validationFailed, "Validation failed: batched report"), 400)
  }
  reports.finish(report)
  return xmlAnswer(
    reportDoneResponse(
      report.reportId,
      report.files.map(({ fileId }) => fileId),
    ),
  )
}

/** A batched report has at most one file, of which little is said. */
function isBatchSound({ files }: SimulatedReport, version: SchemaVersion, now: Date): boolean {
  if (files.length > 1) return false
  return files.every(({ details }) => {
    const read = details === undefined ? undefined : readDocument(fileDetailsElement, details, version)
    const options = { schemaVersion: version, now, batched: true }
    return read?.kind === "value" && validateFileDetails(read.value, options).length === 0
  })
}

async function retract(request: SimulatedRequest, { reports }: HandlerDeps): Promise<SimulatedAnswer> {
  const found = await reportOfForm(request, reports)
  if ("refusal" in found) return found.refusal
  reports.retract(found.report)
  return xmlAnswer(reportResponse(0, "Success", { reportId: found.report.reportId }))
}

interface Refusal {
  readonly refusal: SimulatedAnswer
}

async function reportOfForm({ headers, body }: SimulatedRequest, reports: ReportStore) {
  const form = await readForm(headers["content-type"] ?? "", body)
  return findReport(reports, form?.id)
}

function findReport(reports: ReportStore, id: string | undefined): { readonly report: SimulatedReport } | Refusal {
  if (id === undefined) return { refusal: refused(RESPONSE_CODES.invalidRequest, "Invalid request: id is missing") }
  const found = reports.findOpen(id)
  return "report" in found ? found : { refusal: refused(found.code, DESCRIPTIONS[found.code] ?? "") }
}

const DESCRIPTIONS: Readonly<Record<number, string>> = {
  [RESPONSE_CODES.reportUnknown]: "Report does not exist",
  [RESPONSE_CODES.reportRetracted]: "Report has already been retracted",
  [RESPONSE_CODES.reportFinished]: "Report has already been finished",
}

/** Reads a document and checks it by its element's rules. */
async function readValid(
  body: AsyncIterable<Uint8Array>,
  element: ElementDefinition,
  validate: typeof validateReport,
  { version, now }: HandlerDeps,
): Promise<{ readonly xml: string; readonly value: unknown } | Refusal> {
  const xml = await readText(body)
  const read = readAs(element, xml, version)
  if ("refusal" in read) return read
  const problems = validate(read.value, { schemaVersion: version, now: now() })
  return problems.length > 0 ? { refusal: invalid(problems) } : { xml, value: read.value }
}

function readAs(
  element: ElementDefinition,
  xml: string,
  version: SchemaVersion,
): { readonly value: unknown } | Refusal {
  const read = readDocument(element, xml, version)
  switch (read.kind) {
    case "value":
      return { value: read.value }
    case "malformed":
      return { refusal: refused(RESPONSE_CODES.malformedXml, "Malformed XML submittal") }
    case "invalid":
      return { refusal: refused(RESPONSE_CODES.validationFailed, read.message) }
    default:
      return read satisfies never
  }
}

const invalid = ([first]: readonly Problem[]) =>
  refused(RESPONSE_CODES.validationFailed, `Validation failed: ${first?.path} ${first?.message}`)

function refused(code: number, description: string): SimulatedAnswer {
  return xmlAnswer(reportResponse(code, description))
}

async function readText(body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of body) {
    size += chunk.length
    if (size <= MAX_DOCUMENT_BYTES) chunks.push(chunk)
  }
  // Text that is too long is cut, and so not well-formed.
  return new TextDecoder().decode(Buffer.concat(chunks))
}
