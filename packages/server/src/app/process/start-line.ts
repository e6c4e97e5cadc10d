/**
 * How a process is started. A supervised process reads the rest of its configuration from one line on standard input,
 * where no other process can read it, and stops when that input ends, because its supervisor is gone.
 * @module
 */
import { createInterface } from "node:readline"
import type { Readable } from "node:stream"
import { RequestError, tryParseJson } from "@nightlight/core"
import type { PoolConfig } from "pg"
import { z } from "zod"
import { databaseFromEnvironment } from "../../platform/config/environment.ts"
import { BreakGlassActions } from "./host-break-glass.ts"

const Connection = z.looseObject({ host: z.string(), user: z.string(), database: z.string() })

/** Folder of the built console, for a server without a supervisor. */
const CONSOLE = "--console="

const FilePath = z.string().min(1).max(4096)

const HostAction = z.discriminatedUnion("name", [
  z.strictObject({ name: z.literal("setup-link") }),
  z.strictObject({ name: z.literal("joining-codes"), people: z.array(z.string().min(1).max(254)).min(1).max(100) }),
  z.strictObject({
    name: z.literal("mark-restored"),
    backup: z.string().max(80),
    madeAt: z.iso.datetime().optional(),
  }),
  z.strictObject({ name: z.literal("note-backup"), backup: z.string().max(80) }),
  z.strictObject({ name: z.literal("note-drill"), backup: z.string().max(80), outcome: z.enum(["sound", "faulty"]) }),
  z.strictObject({ name: z.literal("reconcile") }),
  z.strictObject({
    name: z.literal("verify-log"),
    key: FilePath,
    checkpoints: FilePath.optional(),
    place: FilePath.optional(),
  }),
  z.strictObject({ name: z.literal("checkpoint-restart"), restartId: z.string().max(80) }),
  z.strictObject({ name: z.literal("export-log"), dir: FilePath }),
  z.strictObject({ name: z.literal("check-counts") }),
  z.strictObject({ name: z.literal("rewrap-context-key") }),
  ...BreakGlassActions,
])

/** An action of a host command, with its arguments; `name` selects it. */
export type HostAction = z.infer<typeof HostAction>

/** The line of JSON that a supervisor writes to standard input. */
export const StartLine = z.strictObject({
  database: Connection,
  /** For migrations only. */
  owner: Connection.optional(),
  /** For migrations only: the number to run, from the first. */
  migrations: z.int().min(1).max(9999).optional(),
  port: z.int().min(0).max(65_535).optional(),
  adminPort: z.int().min(0).max(65_535).nullable().optional(),
  /** Folder of the built console. */
  consoleDir: FilePath.optional(),
  action: HostAction.optional(),
})
export type StartLine = z.infer<typeof StartLine>

/** Start options of a process, from its arguments, the supervisor's line and the environment. */
export interface Start {
  readonly configPath: string
  readonly database: PoolConfig
  readonly owner: PoolConfig | undefined
  /** Number of migrations to run, from the first; `undefined` for all. */
  readonly migrations: number | undefined
  readonly port: number | undefined
  readonly adminPort: number | null | undefined
  /** Folder of the built console; without it only the API is served. */
  readonly consoleDir: string | undefined
  /** For a host command. */
  readonly action: HostAction | undefined
  /** Aborts when the process is to stop: by a signal, or because its supervisor is gone. */
  readonly signal: AbortSignal
  readonly supervised: boolean
}

/**
 * Reads `CONFIG [--supervised | --console=FOLDER]` and the supervisor's line.
 *
 * @throws {RequestError} `config_invalid`.
 */
export async function readStartOptions(argv: readonly string[], input: Readable = process.stdin): Promise<Start> {
  const configPath = argv.find((argument) => !argument.startsWith("--"))
  if (configPath === undefined) throw new RequestError("config_invalid", "name server.yaml as the first argument")
  const controller = new AbortController()
  const stop = (why: string) => controller.abort(new DOMException(why, "AbortError"))
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => stop(`stopped by ${signal}`))
  const { signal } = controller
  if (argv.includes("--supervised")) {
    const line = await readLine(input, () => stop("the supervisor is gone"))
    return {
      configPath,
      signal,
      supervised: true,
      database: line.database,
      owner: line.owner,
      migrations: line.migrations,
      action: line.action,
      port: line.port,
      adminPort: line.adminPort,
      consoleDir: line.consoleDir,
    }
  }
  const found = databaseFromEnvironment()
  if (found === undefined) {
    throw new RequestError("config_invalid", "DATABASE_URL is not set", {
      hint: "Set it to postgresql://nightlight_app:PASSWORD@HOST/nightlight, or run `nightlight up`.",
    })
  }
  const consoleDir = argv.find((argument) => argument.startsWith(CONSOLE))?.slice(CONSOLE.length)
  const rest = { port: undefined, adminPort: undefined, migrations: undefined, action: undefined, supervised: false }
  return { configPath, signal, database: found.app, owner: found.owner, consoleDir, ...rest }
}

function readLine(input: Readable, onEnd: () => void): Promise<StartLine> {
  return new Promise((resolve, reject) => {
    const lines = createInterface({ input })
    const malformed = () => reject(new RequestError("config_invalid", "the supervisor's line cannot be parsed"))
    lines.once("line", (text) => {
      const parsed = StartLine.safeParse(tryParseJson(text))
      if (parsed.success) resolve(parsed.data)
      else malformed()
    })
    lines.once("close", () => {
      malformed()
      onEnd()
    })
  })
}
