/**
 * The structured log: one JSON object a line. Only the fields and messages listed here leave the process; the rest,
 * which may quote a URL, a header, a body or a driver's error, is dropped.
 * @module
 */
import { type DestinationStream, type Logger, pino } from "pino"

/** All messages that may be logged. A library's own message is not among them and is left out. */
export const LOG_MESSAGES = [
  "alarm raised",
  "checkpoint made",
  "checkpoint not made",
  "custodian changed",
  "database lost",
  "draining",
  "job done",
  "job failed",
  "job left to a person",
  "job will be tried again",
  "listening",
  "migrated",
  "queue warning",
  "request",
  "request failed",
  "started",
  "stopped",
  "stopping",
  "worker waits for the database",
] as const

/** A message that may be logged. */
export type LogMessage = (typeof LOG_MESSAGES)[number]

/** Fields whose values are ids, codes, numbers or times. */
const FIELDS: ReadonlySet<string> = new Set([
  "actor",
  "after",
  "applied",
  "attempt",
  "caseId",
  "code",
  "count",
  "events",
  "job",
  "jobId",
  "kind",
  "ms",
  "before",
  "method",
  "migration",
  "name",
  "port",
  "process",
  "reportId",
  "request",
  "route",
  "seq",
  "signal",
  "sqlState",
  "state",
  "status",
  "subject",
  "tries",
  "version",
  "pid",
])
const TEXT = /^[A-Za-z0-9._:+-]{0,80}$/
/** Our own route patterns, such as `/v1/cases/:caseId`. */
const ROUTE = /^\/[A-Za-z0-9/:._*-]{0,120}$/

/** Options of {@link createLog}. */
export interface LogOptions {
  /** The process that writes, in every line. */
  readonly process: "server" | "worker" | "migrate" | "host" | "test"
  readonly level?: "debug" | "info" | "warn" | "error" | "silent"
  /** Standard error by default. */
  readonly destination?: DestinationStream
}

/** Creates a logger that writes allow-listed fields alone; an error's own message is dropped. */
export function createLog({ process: name, level = "info", destination }: LogOptions): Logger {
  const log = pino(
    {
      level,
      base: { process: name, pid: process.pid },
      timestamp: () => `,"at":"${new Date().toISOString()}"`,
      messageKey: "message",
      // Without this pino adds an error's own message.
      errorKey: "dropped",
      formatters: { level: (label) => ({ level: label }), bindings: allowed, log: allowed },
      serializers: {},
      hooks: {
        logMethod(args, method) {
          const fields = args.find((part) => typeof part === "object" && part !== null) ?? {}
          const message = args.find((part) => isMessage(part))
          method.apply(this, [allowed(fields as Record<string, unknown>), message ?? ""] as unknown as Parameters<
            typeof method
          >)
        },
      },
    },
    destination ?? pino.destination({ fd: 2, sync: true }),
  )
  // A child's bindings are written without being filtered again, and a library's serializers would add to them.
  const bind = log.child.bind(log)
  const child: (this: Logger, bindings: Record<string, unknown>) => Logger = function child(bindings) {
    // A child of a child has the bindings of both.
    return bind({ ...allowed(this.bindings()), ...allowed(bindings) })
  }
  log.child = child as unknown as Logger["child"]
  return log
}

/** Keeps the listed fields whose values have the listed forms. */
function allowed(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([name, value]) => FIELDS.has(name) && isPlain(name, value)))
}

function isPlain(name: string, value: unknown): boolean {
  if (typeof value === "number" || typeof value === "boolean") return true
  return typeof value === "string" && (name === "route" ? ROUTE : TEXT).test(value)
}

function isMessage(part: unknown): part is LogMessage {
  return typeof part === "string" && (LOG_MESSAGES as readonly string[]).includes(part)
}
