import { spawn } from "node:child_process"
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { PATTERNS } from "@nightlight/dev-env/guard/guard"
import { makePlace } from "@nightlight/dev-env/guard/place"
import { type MockUpstream, startUpstream } from "@nightlight/dev-env/guard/upstream"
import { makeWorkspace } from "@nightlight/dev-env/guard/workspace"
import { toKeyedDigest } from "@nightlight/vault"
import { type KeptIncident, readKeptIncidents } from "../../../src/index.ts"
import { CALLER, KEY_DIGEST } from "./traffic.ts"

/** A guard with workers, all in processes of their own. */
export interface WorkersGuard extends AsyncDisposable {
  readonly url: string
  readonly adminUrl: string
  readonly dir: string
  readonly upstream: MockUpstream
  /** Events that the first process logged. */
  readonly told: { readonly event?: string; readonly code?: string }[]
  /** Everything that the processes wrote to standard error. */
  complaint(): string
  readonly firstPid: number
  workerPids(): number[]
  write(name: string, text: string): void
  incidents(): Promise<readonly KeptIncident[]>
  /** Status of `/readyz` and what it says. */
  ready(): Promise<{ readonly status: number; readonly faults: readonly string[]; readonly workers?: object }>
  metrics(): Promise<string>
  /** Asks it to stop; gives its exit code. */
  stop(): Promise<number | null>
}

const CONFIG = `version: 1
endpoints: [chat]
upstream: { auth: none }
keysFile: keys.yaml
checks:
  - { kind: hash-match }
  - { kind: patterns, name: words, file: patterns.yaml }
`
const here = (path: string) => new URL(path, import.meta.url).pathname

/** Starts one. @param rest - YAML behind the tests' configuration. */
export async function startWorkersGuard(
  known: readonly Uint8Array[],
  { rest = "", workers = 2 }: { readonly rest?: string; readonly workers?: number } = {},
): Promise<WorkersGuard> {
  const workspace = await makeWorkspace(known)
  const { dir } = workspace
  const write = (name: string, text: string) => workspace.write(name, text)
  workspace.configure(CONFIG + rest)
  write("patterns.yaml", PATTERNS)
  write("keys.yaml", `version: 1\nkeys:\n  - { id: ${CALLER}, sha256: "${KEY_DIGEST}", trusted: true }\n`)
  const place = await makePlace({}, join(dir, "place"))
  writeFileSync(join(dir, "manifest.json"), JSON.stringify(place.options.manifest))
  const upstream = await startUpstream()
  const flags = ["-C", "@nightlight/source", here("./first-child.ts")]
  const child = spawn(process.execPath, [...flags, dir, upstream.url, String(workers)], {
    stdio: ["pipe", "pipe", "pipe"],
  })
  const ended = new Promise<number | null>((done) => child.once("exit", done))
  const told: WorkersGuard["told"] = []
  let complaint = ""
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    complaint += text
  })
  const firstPid = child.pid ?? 0
  const { url, adminUrl } = await new Promise<{ url: string; adminUrl: string }>((done, fail) => {
    createInterface(child.stdout).on("line", (line) => {
      const message = JSON.parse(line)
      if ("url" in message) done(message)
      else told.push(message)
    })
    void ended.then(() => fail(new Error(`the guard did not start: ${complaint}`)))
  })
  return {
    url,
    adminUrl,
    dir,
    upstream,
    told,
    firstPid,
    write,
    complaint: () => complaint,
    workerPids: () => workersOf(firstPid),
    incidents: () => readKeptIncidents(join(dir, "place", "spool"), toKeyedDigest(Buffer.alloc(32, 7))),
    ready: async () => {
      const answer = await fetch(`${adminUrl}/readyz`)
      return { status: answer.status, ...((await answer.json()) as { faults: string[] }) }
    },
    metrics: async () => (await fetch(`${adminUrl}/metrics`)).text(),
    stop: () => {
      child.stdin.end()
      return ended
    },
    [Symbol.asyncDispose]: async () => {
      child.kill("SIGKILL")
      await ended
      await upstream.close()
      await workspace[Symbol.asyncDispose]()
    },
  }
}

/** Worker processes of a first process. */
function workersOf(pid: number): number[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ")
  return children.map(Number).filter((child) => isWorker(child))
}

/** Whether a process is a worker that runs. */
export function isWorker(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("workers/main")
  } catch {
    return false
  }
}
