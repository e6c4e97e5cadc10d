/**
 * Events of the audit log: ids, codes and counts, chained by hashes.
 *
 * One event is one line: canonical JSON. `hash` is the SHA-256 of the canonical JSON of all other members; `prev` is
 * the hash of the event before, and of the first event 64 zeros.
 * @module
 */
import { createHash } from "node:crypto"
import { canonicalJson, type JsonValue, RequestError, tryParseJson } from "@nightlight/core"

/** Content of an event: numbers, booleans, short texts without blanks, and lists and objects of them. */
export type AuditData = { readonly [key: string]: JsonValue | undefined }

/** An event as a caller passes it. */
export interface AuditInput {
  /** Event type, in the past tense: `scan.started`. */
  readonly type: string
  /** Id of the actor. */
  readonly actor: string
  readonly data?: AuditData
}

/** An event in the log. */
export interface AuditEvent {
  /** From 1, without gaps. */
  readonly seq: number
  /** ISO 8601, UTC, by the clock of the process that appended it. */
  readonly at: string
  readonly type: string
  readonly actor: string
  readonly data: AuditData
  /** Hash of the event before: 64 lower-case hexadecimal digits. */
  readonly prev: string
  readonly hash: string
}

/** `prev` of the first event. */
export const GENESIS = "0".repeat(64)

/** Type of the event that reports what a killed process left half-written. */
export const REPAIRED = "log.repaired"

/** Longest text in an event: a digest or a public key fits, a sentence does not. */
export const MAX_TEXT_LENGTH = 80

const MAX_DATA_LENGTH = 8192
const TYPE = /^[a-z][a-z0-9-]{0,39}(\.[a-z][a-z0-9-]{0,39}){1,3}$/
const TEXT = /^[A-Za-z0-9._:+-]*$/
const KEY = /^[a-z][A-Za-z0-9]{0,39}$/

/**
 * Checks that an event contains nothing but ids, codes, counts and times.
 *
 * @throws {RequestError} `input_invalid`, naming the wrong member, never its value.
 */
export function assertInput({ type, actor, data = {} }: AuditInput): void {
  if (!TYPE.test(type) || type.startsWith("log."))
    throw invalid("type", "expected a past-tense code such as scan.started")
  if (!isText(actor) || actor === "") throw invalid("actor", "expected an id")
  assertData(data, "data", 3)
  if (canonicalJson(data).length > MAX_DATA_LENGTH)
    throw invalid("data", `expected at most ${MAX_DATA_LENGTH} characters`)
}

function assertData(value: unknown, name: string, depth: number): void {
  if (value === null || value === undefined || typeof value === "boolean" || Number.isFinite(value)) return
  if (typeof value === "string") {
    if (isText(value)) return
    throw invalid(
      name,
      `expected an id, code or time of at most ${MAX_TEXT_LENGTH} characters without blanks or slashes`,
    )
  }
  if (typeof value !== "object" || depth === 0)
    throw invalid(name, "expected ids, codes, counts, or short lists of them")
  if (Array.isArray(value)) {
    for (const item of value) assertData(item, name, depth - 1)
    return
  }
  for (const [key, member] of Object.entries(value)) {
    if (!KEY.test(key)) throw invalid(name, "expected member names in camel case")
    assertData(member, `${name}.${key}`, depth - 1)
  }
}

function isText(value: unknown): boolean {
  return typeof value === "string" && value.length <= MAX_TEXT_LENGTH && TEXT.test(value)
}

function invalid(member: string, expected: string): RequestError {
  return new RequestError("input_invalid", `an event's ${member} is not allowed in the log: ${expected}`)
}

/** Chains an event to the one before it. {@link assertInput} has checked the input. */
export function chain(
  input: AuditInput,
  at: string,
  before: { readonly seq: number; readonly hash: string },
): AuditEvent {
  const { type, actor, data = {} } = input
  const event = { seq: before.seq + 1, at, type, actor, data: plain(data), prev: before.hash }
  return { ...event, hash: hashOf(event) }
}

/** The event's line, with its newline. */
export function toLine(event: AuditEvent): string {
  return `${canonicalJson({ ...event })}\n`
}

/** Result of parsing a line. `edited`: an event whose hash does not match its members. */
export type ParsedLine =
  | { readonly kind: "event"; readonly event: AuditEvent; readonly droppedBytes: number }
  | { readonly kind: "edited"; readonly seq: number }
  | { readonly kind: "malformed" }

/**
 * Parses one line, without its newline. Only a `log.repaired` event of part `events` may be preceded by the bytes that
 * it says a killed process left: they stay in the file, so that nothing is dropped silently.
 */
export function parseLine(line: Buffer): ParsedLine {
  const whole = parseEvent(line)
  if (whole.kind === "event" && whole.event.type === REPAIRED && whole.event.data["part"] === "events") {
    return { kind: "malformed" }
  }
  if (whole.kind !== "malformed") return whole
  // Members are in order, so an event starts with its actor.
  for (let offset = line.lastIndexOf(START); offset > 0; offset = line.lastIndexOf(START, offset - 1)) {
    const found = parseEvent(line.subarray(offset))
    if (found.kind !== "event") continue
    const { type, data } = found.event
    const explained = type === REPAIRED && data["droppedSha256"] === sha256(line.subarray(0, offset))
    return explained && data["droppedBytes"] === offset ? { ...found, droppedBytes: offset } : { kind: "malformed" }
  }
  return { kind: "malformed" }
}

const START = '{"actor":'

/** Accepts only the very bytes that {@link toLine} writes, so that no change of a line goes unnoticed. */
function parseEvent(bytes: Buffer): ParsedLine {
  const value = tryParseJson(bytes.toString("utf8"))
  if (!isEvent(value) || !Buffer.from(canonicalJson({ ...value })).equals(bytes)) return { kind: "malformed" }
  const { hash, ...rest } = value
  return hashOf(rest) === hash ? { kind: "event", event: value, droppedBytes: 0 } : { kind: "edited", seq: value.seq }
}

function isEvent(value: unknown): value is AuditEvent {
  if (typeof value !== "object" || value === null) return false
  const { seq, data, ...rest } = value as Record<string, unknown>
  const texts = ["at", "type", "actor", "prev", "hash"]
  return (
    Number.isSafeInteger(seq) &&
    typeof data === "object" &&
    data !== null &&
    Object.keys(rest).length === texts.length &&
    texts.every((name) => typeof rest[name] === "string")
  )
}

function hashOf(event: Omit<AuditEvent, "hash">): string {
  return sha256(canonicalJson({ ...event }))
}

/** A copy without members that are `undefined`, as a reader of the log sees it. */
function plain(data: AuditData): AuditData {
  return JSON.parse(canonicalJson(data)) as AuditData
}

/** SHA-256 as lower-case hexadecimal. */
export function sha256(bytes: Uint8Array | string): string {
  return createHash("sha256").update(bytes).digest("hex")
}
