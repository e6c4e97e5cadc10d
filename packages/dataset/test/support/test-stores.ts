/**
 * Object stores that the same tests run against: our simulated one, OpenStack Swift and moto.
 */
import { type ChildProcess, spawn, spawnSync } from "node:child_process"
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as wait } from "node:timers/promises"
import { fileURLToPath } from "node:url"
import { CreateBucketCommand, PutBucketVersioningCommand, S3Client } from "@aws-sdk/client-s3"
import { freePort } from "@nightlight/dev-env/machine/free-port"
import type { ConditionalWrites } from "../../src/output/output.ts"
import { environmentFor, startObjectStore } from "./object-store/server.ts"
import type { AccessKey } from "./object-store/signature.ts"

/** A running store. */
export interface TestStore extends AsyncDisposable {
  /** Environment variables by which AWS's clients reach it. */
  readonly env: Readonly<Record<string, string>>
  /** A client for what the tests themselves do. */
  readonly client: S3Client
  readonly conditionalWrites: ConditionalWrites
  /** Whether it refuses a wrong secret. */
  readonly checksKeys: boolean
  makeBucket(name: string, isVersioned: boolean): Promise<void>
}

const START_TIMEOUT_MS = 40_000

/** Our simulated store. */
export async function simulatedStore(conditionalWrites: ConditionalWrites): Promise<TestStore> {
  const store = await startObjectStore()
  store.faults.conditions = conditionalWrites
  store.faults.pageSize = 3
  return {
    env: store.env,
    client: clientFor(store.env),
    conditionalWrites,
    checksKeys: true,
    makeBucket: async (name, isVersioned) => void store.addBucket(name, { isVersioned }),
    [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
  }
}

const SWIFT_SCRIPT = fileURLToPath(new URL("object-store/swift_server.py", import.meta.url))
const DEBIAN_PYTHON = "/usr/bin/python3"

/** Whether Debian's python3-swift is installed. */
export function hasSwift(): boolean {
  return existsSync("/usr/lib/python3/dist-packages/swift/__init__.py") && existsSync(DEBIAN_PYTHON)
}

/** OpenStack Swift with its S3 interface. */
export async function swiftStore(): Promise<TestStore> {
  const folder = mkdtempSync(join(tmpdir(), "nightlight-swift-"))
  // It takes four ports in a row, below those that the system hands out.
  const port = 20_000 + 4 * Math.floor(Math.random() * 3_000)
  const { status } = spawnSync(DEBIAN_PYTHON, [SWIFT_SCRIPT, folder, String(port)], { timeout: START_TIMEOUT_MS })
  if (status !== 0) throw new Error("swift does not start")
  const env = environmentFor(`http://127.0.0.1:${port}`, { accessKeyId: "test:tester", secretAccessKey: "testing" })
  const client = clientFor(env)
  return {
    env,
    client,
    conditionalWrites: "refused",
    checksKeys: true,
    makeBucket: (name, isVersioned) => makeBucket(client, name, isVersioned),
    async [Symbol.asyncDispose]() {
      const pids = readFileSync(join(folder, "pids"), "utf8").split(" ").map(Number)
      for (const pid of pids) process.kill(pid)
      while (pids.some(isRunning)) await wait(20)
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** Whether `moto_server` is on the PATH and starts. */
export function hasMoto(): boolean {
  return spawnSync("moto_server", ["--help"], { timeout: START_TIMEOUT_MS }).status === 0
}

/** moto, a simulated AWS. */
export async function motoStore(): Promise<TestStore> {
  const port = await freePort()
  const child = spawn("moto_server", ["-H", "127.0.0.1", "-p", String(port)], { stdio: "ignore", detached: true })
  const key: AccessKey = { accessKeyId: "testing", secretAccessKey: "testing" }
  const env = environmentFor(`http://127.0.0.1:${port}`, key)
  const client = clientFor(env)
  await untilAnswers(`http://127.0.0.1:${port}/moto-api/`)
  return {
    env,
    client,
    conditionalWrites: "enforced",
    checksKeys: false,
    makeBucket: (name, isVersioned) => makeBucket(client, name, isVersioned),
    [Symbol.asyncDispose]: () => stopGroup(child),
  }
}

function clientFor(env: Readonly<Record<string, string>>): S3Client {
  return new S3Client({
    endpoint: env["AWS_ENDPOINT_URL_S3"] ?? "",
    region: "us-east-1",
    forcePathStyle: true,
    requestChecksumCalculation: "WHEN_REQUIRED",
    credentials: {
      accessKeyId: env["AWS_ACCESS_KEY_ID"] ?? "",
      secretAccessKey: env["AWS_SECRET_ACCESS_KEY"] ?? "",
    },
  })
}

async function makeBucket(client: S3Client, name: string, isVersioned: boolean): Promise<void> {
  await client.send(new CreateBucketCommand({ Bucket: name }))
  if (!isVersioned) return
  const VersioningConfiguration = { Status: "Enabled" as const }
  await client.send(new PutBucketVersioningCommand({ Bucket: name, VersioningConfiguration }))
}

async function untilAnswers(url: string): Promise<void> {
  const deadline = Date.now() + START_TIMEOUT_MS
  while (
    !(await fetch(url).then(
      () => true,
      () => false,
    ))
  ) {
    if (Date.now() > deadline) throw new Error("the store does not start")
    await wait(50)
  }
}

/** Stops a process that starts others: the group that it leads. */
async function stopGroup(child: ChildProcess): Promise<void> {
  const closed = new Promise((resolve) => child.once("close", resolve))
  if (child.pid !== undefined) process.kill(-child.pid)
  await closed
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
