import { Agent, type Dispatcher } from "undici"
import { compact } from "../compact.ts"
import { CybertiplineError } from "../errors.ts"
import type { FileDetailsInput } from "../schema/file-details.ts"
import { type ReportInput, reportElement } from "../schema/report.ts"
import { parseFileDetails, parseReport } from "../validate/validate.ts"
import { DEFAULT_SCHEMA_VERSION, type SchemaVersion } from "../version.ts"
import { readDocument } from "../xml/read.ts"
import { writeFileDetails, writeReport } from "../xml/write.ts"
import type { Answer } from "./answer.ts"
import { type Exchange, exchange, type HttpRequest } from "./exchange.ts"
import { type Base, type CybertiplineEnvironment, toBase } from "./hosts.ts"
import { judge, judgeXsd } from "./judge.ts"
import { idForm } from "./multipart.ts"
import type { Outcome, UploadOutcome } from "./outcomes.ts"
import { assertSource, type UploadSource, uploadFile } from "./upload.ts"

/** A provider's credentials with NCMEC; issued after registration, for one environment. */
export interface Credentials {
  readonly username: string
  readonly password: string
}

/** Options of {@link createClient}. */
export interface ClientOptions {
  readonly credentials: Credentials
  /** `test` by default: reports count only when production is named explicitly. */
  readonly environment?: CybertiplineEnvironment
  /** Another address of that environment: a pinned host or a simulator. https, or http on loopback. */
  readonly baseUrl?: string
  readonly schemaVersion?: SchemaVersion
  /** The boundary between past and future in documents; the system's clock by default. */
  readonly clock?: () => Date
  readonly timeouts?: {
    /** Time limit of a connection, milliseconds; 10,000 by default. */
    readonly connectMs?: number
    /** Time limit from the last byte sent to the last byte received, milliseconds; 120,000 by default. */
    readonly answerMs?: number
  }
  /**
   * The only certificate authorities, PEM, that are accepted for the host: neither environment variables nor the system
   * add to them. Node's defaults if absent; ignored with `dispatcher`.
   */
  readonly authorities?: readonly string[]
  /** The caller's own dispatcher, which the caller closes; it must neither follow redirects nor repeat requests. */
  readonly dispatcher?: Dispatcher
}

/** Options of {@link CybertiplineClient.fileInfo}. */
export interface FileInfoOptions {
  /** Whether the report is batched. */
  readonly batched?: boolean
  readonly signal?: AbortSignal
}

/**
 * NCMEC's reporting API. Calls that were sent never throw: they end in an outcome. Nothing is repeated, and no redirect
 * followed; the caller decides what to do after an outcome.
 */
export interface CybertiplineClient extends AsyncDisposable {
  readonly environment: CybertiplineEnvironment
  readonly baseUrl: string
  /** `GET /status`: whether the credentials are valid. */
  status(signal?: AbortSignal): Promise<Outcome>
  /** `GET /xsd`: the schema by which the service validates now. */
  xsd(signal?: AbortSignal): Promise<Outcome<{ readonly xsd: string }>>
  /**
   * `POST /submit`: opens a report. It is deleted unless finished within 24 hours, or one hour after its last change; so
   * a lost answer leaves a report that nobody can finish, and submitting again is safe.
   *
   * @throws {CybertiplineError} `report_invalid` before anything is sent.
   */
  submit(report: ReportInput, signal?: AbortSignal): Promise<Outcome<{ readonly reportId: string }>>
  /**
   * `POST /submit` of a document written before, byte for byte; it is parsed and checked like a report.
   *
   * @throws {CybertiplineError} `report_invalid` before anything is sent.
   */
  submitXml(xml: string, signal?: AbortSignal): Promise<Outcome<{ readonly reportId: string }>>
  /**
   * `POST /upload`: streams a file, in constant memory, and compares its MD5 with the answer's. A service that reads
   * nothing is given up after `answerMs`; the signal limits how long the content itself may take.
   *
   * @throws {CybertiplineError} `report_id_malformed`, `options_invalid` before anything is sent.
   */
  upload(reportId: string, source: UploadSource, signal?: AbortSignal): Promise<UploadOutcome>
  /**
   * `POST /fileinfo`: describes an uploaded file, once for each file.
   *
   * @throws {CybertiplineError} `file_details_invalid` before anything is sent.
   */
  fileInfo(details: FileDetailsInput, options?: FileInfoOptions): Promise<Outcome<{ readonly reportId: string }>>
  /**
   * `POST /finish`: files the report. Nothing can be added, changed or withdrawn afterwards.
   *
   * @throws {CybertiplineError} `report_id_malformed`.
   */
  finish(reportId: string, signal?: AbortSignal): Promise<Outcome<FinishFacts>>
  /**
   * `POST /retract`: retracts an unfinished report. The only way to learn how a lost `/finish` ended: accepted means it
   * was not finished and is gone; 5102 that it is finished; 5101 that it was retracted; 5001 that it expired or never
   * existed.
   *
   * @throws {CybertiplineError} `report_id_malformed`.
   */
  retract(reportId: string, signal?: AbortSignal): Promise<Outcome<{ readonly reportId: string }>>
  /** Lets calls end, then closes connections. */
  close(): Promise<void>
}

/** Facts of a finished report. */
export interface FinishFacts {
  readonly reportId: string
  /** Files the service counts to the report. */
  readonly fileIds: readonly string[]
}

/**
 * Makes a client. Nothing is sent before a call.
 *
 * @throws {CybertiplineError} `options_invalid` for credentials or an address that cannot be used.
 */
export function createClient(options: ClientOptions): CybertiplineClient {
  return new HttpClient(options)
}

const XML = "text/xml; charset=utf-8"
/** A declaration that would contradict the bytes: they are UTF-8. */
const OTHER_ENCODING = /^<\?xml[^>]*\sencoding\s*=\s*["'](?!utf-?8["'])/i
const DEFAULT_CONNECT_MS = 10_000
const DEFAULT_ANSWER_MS = 120_000

interface Body {
  readonly contentType: string
  readonly bytes: Uint8Array
}

class HttpClient implements CybertiplineClient {
  readonly environment: CybertiplineEnvironment
  readonly baseUrl: string
  readonly #base: Base
  readonly #authorization: string
  readonly #version: SchemaVersion
  readonly #clock: () => Date
  readonly #answerMs: number
  readonly #dispatcher: Dispatcher
  readonly #isOwner: boolean
  #isClosed = false

  constructor(options: ClientOptions) {
    this.environment = options.environment ?? "test"
    this.#base = toBase(this.environment, options.baseUrl)
    this.baseUrl = this.#base.origin + this.#base.path
    this.#authorization = toAuthorization(options.credentials)
    this.#version = options.schemaVersion ?? DEFAULT_SCHEMA_VERSION
    this.#clock = options.clock ?? (() => new Date())
    this.#answerMs = options.timeouts?.answerMs ?? DEFAULT_ANSWER_MS
    this.#isOwner = options.dispatcher === undefined
    const timeout = options.timeouts?.connectMs ?? DEFAULT_CONNECT_MS
    const { authorities } = options
    const trust = compact({
      ca: authorities === undefined ? undefined : [...authorities],
      rejectUnauthorized: authorities === undefined ? undefined : true,
    })
    this.#dispatcher = options.dispatcher ?? new Agent({ connect: { timeout, ...trust }, allowH2: false })
  }

  status(signal?: AbortSignal): Promise<Outcome> {
    return this.#call("/status", undefined, (answer) => (answer.root === "reportResponse" ? {} : undefined), signal)
  }

  async xsd(signal?: AbortSignal): Promise<Outcome<{ readonly xsd: string }>> {
    return judgeXsd(await this.#send("/xsd", undefined, signal))
  }

  async submit(report: ReportInput, signal?: AbortSignal): Promise<Outcome<{ readonly reportId: string }>> {
    const options = { schemaVersion: this.#version, now: this.#clock() }
    return this.#submitText(writeReport(parseReport(report, options), options).xml, signal)
  }

  async submitXml(xml: string, signal?: AbortSignal): Promise<Outcome<{ readonly reportId: string }>> {
    const read = readDocument(reportElement, xml, this.#version)
    if (read.kind !== "value" || OTHER_ENCODING.test(xml)) {
      // The problem may quote the document, so it is not reported here.
      throw new CybertiplineError("report_invalid", "report refused: it is not XML that fits the schema")
    }
    parseReport(read.value, { schemaVersion: this.#version, now: this.#clock() })
    return this.#submitText(xml, signal)
  }

  #submitText(xml: string, signal: AbortSignal | undefined): Promise<Outcome<{ readonly reportId: string }>> {
    const pick = ({ root, reportId }: Answer) =>
      root === "reportResponse" && reportId !== undefined && isReportId(reportId) ? { reportId } : undefined
    return this.#call("/submit", { contentType: XML, bytes: new TextEncoder().encode(xml) }, pick, signal)
  }

  async upload(reportId: string, source: UploadSource, signal?: AbortSignal): Promise<UploadOutcome> {
    assertReportId(reportId)
    assertSource(source)
    return uploadFile(this.#open(), this.#template("POST", "/upload"), { reportId, source }, signal)
  }

  async fileInfo(
    details: FileDetailsInput,
    { batched = false, signal }: FileInfoOptions = {},
  ): Promise<Outcome<{ readonly reportId: string }>> {
    const options = { schemaVersion: this.#version, now: this.#clock(), batched }
    const { xml } = writeFileDetails(parseFileDetails(details, options), options)
    const body = { contentType: XML, bytes: new TextEncoder().encode(xml) }
    return this.#call("/fileinfo", body, pickReport(details.reportId), signal)
  }

  async finish(reportId: string, signal?: AbortSignal): Promise<Outcome<FinishFacts>> {
    const pick = (answer: Answer) =>
      answer.root === "reportDoneResponse" && answer.reportId === reportId
        ? { reportId, fileIds: answer.fileIds }
        : undefined
    return this.#call("/finish", formOf(reportId), pick, signal)
  }

  async retract(reportId: string, signal?: AbortSignal): Promise<Outcome<{ readonly reportId: string }>> {
    return this.#call("/retract", formOf(reportId), pickReport(reportId), signal)
  }

  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    if (this.#isOwner) await this.#dispatcher.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #call<Facts extends object>(
    path: string,
    body: Body | undefined,
    pick: (answer: Answer) => Facts | undefined,
    signal: AbortSignal | undefined,
  ): Promise<Outcome<Facts>> {
    return judge(await this.#send(path, body, signal), pick)
  }

  #send(path: string, body: Body | undefined, signal: AbortSignal | undefined): Promise<Exchange> {
    const dispatcher = this.#open()
    if (body === undefined) return exchange(dispatcher, this.#template("GET", path), signal)
    const template = this.#template("POST", path)
    const headers = { ...template.headers, "content-type": body.contentType }
    return exchange(dispatcher, { ...template, headers, body: body.bytes }, signal)
  }

  #open(): Dispatcher {
    if (this.#isClosed) throw new CybertiplineError("client_closed", "the client is closed")
    return this.#dispatcher
  }

  #template(method: HttpRequest["method"], path: string): Omit<HttpRequest, "body" | "bodyEnd"> {
    return {
      method,
      origin: this.#base.origin,
      path: this.#base.path + path,
      headers: { authorization: this.#authorization, accept: "application/xml, text/xml" },
      answerMs: this.#answerMs,
    }
  }
}

function toAuthorization({ username, password }: Credentials): string {
  const isUsable = (text: string) => text !== "" && !/\p{Cc}/u.test(text)
  if (!isUsable(username) || !isUsable(password) || username.includes(":")) {
    throw new CybertiplineError("options_invalid", "credentials must be a name without a colon and a password")
  }
  return `Basic ${Buffer.from(`${username}:${password}`, "utf8").toString("base64")}`
}

function isReportId(text: string): boolean {
  return /^[1-9][0-9]{0,18}$/.test(text)
}

function assertReportId(reportId: string): void {
  if (isReportId(reportId)) return
  throw new CybertiplineError("report_id_malformed", "a report id is a positive number in decimal digits")
}

function formOf(reportId: string): Body {
  assertReportId(reportId)
  const { contentType, head, tail } = idForm(reportId)
  return { contentType, bytes: Buffer.concat([head, tail]) }
}

/** An answer about another report does not answer this call. */
function pickReport(reportId: string) {
  return (answer: Answer) =>
    answer.root === "reportResponse" && answer.reportId === reportId ? { reportId } : undefined
}
