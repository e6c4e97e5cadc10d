import { readdirSync, readFileSync, readlinkSync } from "node:fs"
import { startCustodian } from "@nightlight/custodian"
import { onTestFinished } from "vitest"
import { makeSite, PASSPHRASE, type Site } from "./folders.ts"
import { journalOf } from "./serving.ts"

/** A custodian in its own process, which can be killed and started again. */
export interface Spawned extends Site {
  readonly socket: () => string
  readonly pid: () => number
  /** SIGKILL, at once. */
  readonly kill: () => Promise<void>
  readonly start: () => Promise<void>
}

/** Makes a site, prepares it, and runs its custodian as a process until the test ends. */
export async function spawnSite(
  config: Readonly<Record<string, unknown>> = {},
  prepare: (site: Site) => Promise<void> = async () => undefined,
): Promise<Spawned> {
  const site = await makeSite(config)
  await prepare(site)
  let started = await startCustodian(site.dir, { passphrase: PASSPHRASE })
  onTestFinished(() => started.stop())
  return {
    ...site,
    socket: () => started.socket,
    pid: () => started.pid,
    async kill() {
      process.kill(started.pid, "SIGKILL")
      await started.exited
    },
    async start() {
      started = await startCustodian(site.dir, { passphrase: PASSPHRASE })
    },
  }
}

/** Waits until something holds. */
export async function until(holds: () => Promise<boolean> | boolean): Promise<void> {
  const deadline = performance.now() + 30_000
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error("the condition did not hold within 30 s")
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
}

/** Waits until the journal holds an event of a type. */
export function untilJournaled(dir: string, type: string): Promise<void> {
  return until(async () => (await journalOf(dir, type)).length > 0)
}

/** Lists files that a process or its children have open for writing, including deleted ones. */
export function writableFiles(pid: number): string[] {
  const found: string[] = []
  for (const id of [pid, ...childrenOf(pid)]) {
    try {
      for (const fd of readdirSync(`/proc/${id}/fd`)) {
        const target = readlinkSync(`/proc/${id}/fd/${fd}`)
        const flags = /^flags:\s*(\d+)$/m.exec(readFileSync(`/proc/${id}/fdinfo/${fd}`, "latin1"))?.[1] ?? "0"
        const isForWriting = (Number.parseInt(flags, 8) & 3) !== 0
        if (isForWriting && target.startsWith("/") && !target.startsWith("/dev/")) found.push(target)
      }
    } catch {
      // The process or the descriptor has ended meanwhile.
    }
  }
  return found
}

/** Lists all descendants of a process. */
export function childrenOf(pid: number): number[] {
  try {
    const direct = readFileSync(`/proc/${pid}/task/${pid}/children`, "latin1").split(" ").filter(Boolean).map(Number)
    return direct.flatMap((child) => [child, ...childrenOf(child)])
  } catch {
    return []
  }
}
