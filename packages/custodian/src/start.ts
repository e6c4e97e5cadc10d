/**
 * Starts the custodian as a process of its own, with nothing but a folder's name and a pipe.
 * @module
 */
import { type ChildProcess, spawn } from "node:child_process"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"
import { compact, DependencyError } from "@nightlight/core"

/** A running custodian process. */
export interface StartedCustodian extends AsyncDisposable {
  readonly pid: number
  /** Path of its socket. */
  readonly socket: string
  /** Resolves with the exit status when it has ended; `null` if a signal ended it. */
  readonly exited: Promise<number | null>
  /** Asks it to end, and waits for it. */
  stop(): Promise<void>
}

/** Options of {@link startCustodian}. */
export interface StartOptions {
  /** Given through a pipe; without it the custodian starts locked, unless its configuration names a key file. */
  readonly passphrase?: string
  readonly uid?: number
  readonly gid?: number
}

/** The only variables in a custodian's environment. */
const ENVIRONMENT: Readonly<Record<string, string>> = { LANG: "C", TZ: "UTC", PATH: "/usr/local/bin:/usr/bin:/bin" }

/** Compile cache for runs from source. It holds code, so installed packages never read it. */
const sourceEnvironment = () => compact({ NODE_COMPILE_CACHE: process.env["NODE_COMPILE_CACHE"] })

/**
 * Starts a custodian and waits until it listens.
 *
 * @param dir - Absolute path of its folder.
 * @throws {DependencyError} `unavailable` if it does not start; `hint` has its message.
 */
export async function startCustodian(dir: string, options: StartOptions = {}): Promise<StartedCustodian> {
  const { passphrase, ...user } = options
  const entry = entryPath()
  const flags = ["--no-warnings", ...(entry.endsWith(".ts") ? ["--conditions=@nightlight/source"] : [])]
  // Otherwise any process of the same user could open the inspector by a signal.
  if (process.allowedNodeEnvironmentFlags.has("--disable-sigusr1")) flags.push("--disable-sigusr1")
  const args = [...flags, entry, dir, ...(passphrase === undefined ? [] : ["--passphrase-stdin"])]
  // No core dumps: a dump would contain keys and content.
  const child = spawn("/bin/sh", ["-c", 'ulimit -c 0 && exec "$@"', "sh", process.execPath, ...args], {
    // From here the name of its socket is short, however deep the folder is.
    cwd: dir,
    env: entry.endsWith(".ts") ? { ...ENVIRONMENT, ...sourceEnvironment() } : ENVIRONMENT,
    stdio: ["pipe", "pipe", "pipe"],
    ...user,
  })
  child.stdin.on("error", () => {})
  child.stdin.end(passphrase === undefined ? "" : `${passphrase}\n`)
  return waitUntilListening(child)
}

async function waitUntilListening(child: ChildProcess): Promise<StartedCustodian> {
  let complaint = ""
  child.stderr?.on("data", (chunk: Buffer) => {
    if (complaint.length < 2000) complaint += chunk.toString("utf8")
  })
  const exited = new Promise<number | null>((resolve) => {
    child.once("exit", (status) => resolve(status))
    child.once("error", () => resolve(null))
  })
  const socket = await new Promise<string | undefined>((resolve) => {
    void exited.then(() => resolve(undefined))
    if (child.stdout === null) return resolve(undefined)
    createInterface({ input: child.stdout }).once("line", (line) => resolve(toSocket(line)))
  })
  if (socket === undefined || child.pid === undefined) {
    child.kill("SIGKILL")
    const hint = complaint.trim()
    throw new DependencyError("unavailable", "the custodian does not start", hint === "" ? {} : { hint })
  }
  const stop = async () => {
    child.kill("SIGTERM")
    await exited
  }
  return { pid: child.pid, socket, exited, stop, [Symbol.asyncDispose]: stop }
}

function toSocket(line: string): string | undefined {
  try {
    const { listening } = JSON.parse(line) as { readonly listening?: unknown }
    return typeof listening === "string" ? listening : undefined
  } catch {
    return undefined
  }
}

/** The source starts the source, the build starts the build. */
function entryPath(): string {
  const extension = import.meta.url.endsWith(".ts") ? "ts" : "js"
  return fileURLToPath(new URL(`./main.${extension}`, import.meta.url))
}
