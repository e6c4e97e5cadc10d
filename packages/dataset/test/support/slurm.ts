/**
 * A Slurm of one node with two processors, on loopback, in a temporary folder.
 *
 * Sources: slurm.conf(5), munged(8), of Slurm 22.05.
 * @module
 */
import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process"
import { randomBytes } from "node:crypto"
import { chmodSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { createServer } from "node:net"
import { hostname, tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as wait } from "node:timers/promises"

/** Why there can be no Slurm here; undefined where there can. */
export function slurmIsMissing(): string | undefined {
  if (process.getuid?.() !== 0) return "Slurm is started by root only"
  const missing = ["munged", "slurmctld", "slurmd", "sbatch"].filter(
    (name) => spawnSync("which", [name], { env: { PATH: `${process.env["PATH"]}:/usr/sbin` } }).status !== 0,
  )
  return missing.length === 0 ? undefined : `not installed: ${missing.join(", ")}`
}

/** A running Slurm. Disposing of it stops all of its jobs and daemons. */
export interface TestSlurm extends AsyncDisposable {
  /** Variables with which its commands find it. */
  readonly env: NodeJS.ProcessEnv
  /** Runs one of its commands and returns what it prints. */
  run(name: string, ...args: readonly string[]): string
  /** Waits until no job is left. */
  drained(): Promise<void>
}

/** Polls until a condition holds. @throws an error after two minutes. */
export async function until(what: string, holds: () => boolean): Promise<void> {
  const end = performance.now() + 120_000
  while (!holds()) {
    if (performance.now() > end) throw new Error(`waited in vain: ${what}`)
    await wait(100)
  }
}

/** Starts a Slurm with a folder of its own, which everybody may enter: munged refuses any other. */
export async function startSlurm(): Promise<TestSlurm> {
  const folder = mkdtempSync(join(tmpdir(), "nightlight-slurm-"))
  chmodSync(folder, 0o755)
  for (const name of ["state", "spool"]) mkdirSync(join(folder, name), { recursive: true })
  writeFileSync(join(folder, "munge.key"), randomBytes(128), { mode: 0o600 })
  const conf = join(folder, "slurm.conf")
  writeFileSync(conf, configuration(folder, await freePort(), await freePort()))
  const env = { ...process.env, SLURM_CONF: conf, PATH: `${process.env["PATH"]}:/usr/sbin` }
  const socket = join(folder, "munge.sock")
  const daemons: ChildProcess[] = []
  const start = (name: string, ...args: readonly string[]) => {
    const log = openSync(join(folder, `${name}.out`), "a")
    daemons.push(spawn(name, args, { env, stdio: ["ignore", log, log], detached: true }))
  }
  const run = (name: string, ...args: readonly string[]) => execFileSync(name, args, { env, encoding: "utf8" })
  const succeeds = (name: string, ...args: readonly string[]) => spawnSync(name, args, { env }).status === 0
  const munge = ["key-file=munge.key", "pid-file=munged.pid", "log-file=munged.log", "seed-file=munge.seed"]
  start(
    "munged",
    "--foreground",
    `--socket=${socket}`,
    ...munge.map((option) => `--${option.replace("=", `=${folder}/`)}`),
  )
  await until("munge answers", () => succeeds("munge", "-n", "-S", socket))
  start("slurmctld", "-D", "-f", conf)
  start("slurmd", "-D", "-f", conf)
  await until(
    "the node is idle",
    () => spawnSync("sinfo", ["-h", "-o", "%t"], { env }).stdout.toString().trim() === "idle",
  )
  const drained = () => until("no job is left", () => run("squeue", "-h").trim() === "")
  return {
    env,
    run,
    drained,
    async [Symbol.asyncDispose]() {
      spawnSync("scancel", ["--full", "--user=root"], { env })
      await drained().catch(() => undefined)
      for (const daemon of daemons.reverse()) {
        const { promise, resolve } = Promise.withResolvers<void>()
        daemon.once("exit", () => resolve())
        if (daemon.exitCode === null && daemon.kill("SIGTERM")) await promise
      }
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function configuration(folder: string, controllerPort: number, nodePort: number): string {
  const host = hostname().split(".")[0] ?? "localhost"
  return [
    "ClusterName=nightlight",
    `SlurmctldHost=${host}(127.0.0.1)`,
    `SlurmctldPort=${controllerPort}`,
    `SlurmdPort=${nodePort}`,
    "CommunicationParameters=NoCtldInAddrAny,NoInAddrAny",
    "AuthType=auth/munge",
    "CredType=cred/munge",
    // Below 5 the value is ignored, and a requeued task waits for two minutes.
    `AuthInfo=socket=${folder}/munge.sock,cred_expire=5`,
    "SlurmUser=root",
    "SlurmdUser=root",
    `StateSaveLocation=${folder}/state`,
    `SlurmdSpoolDir=${folder}/spool`,
    ...["SlurmctldPidFile", "SlurmdPidFile", "SlurmctldLogFile", "SlurmdLogFile"].map(
      (name) => `${name}=${folder}/${name}`,
    ),
    "SlurmctldTimeout=30",
    "MinJobAge=300",
    "ProctrackType=proctrack/linuxproc",
    "TaskPlugin=task/none",
    "JobAcctGatherType=jobacct_gather/none",
    "AccountingStorageType=accounting_storage/none",
    "MpiDefault=none",
    "SwitchType=switch/none",
    "MailProg=/bin/true",
    "SchedulerType=sched/builtin",
    "SelectType=select/cons_tres",
    "SelectTypeParameters=CR_CPU",
    "SchedulerParameters=sched_interval=1,batch_sched_delay=1",
    "ReturnToService=2",
    "JobRequeue=1",
    "SlurmdTimeout=10",
    "BatchStartTimeout=1",
    "MessageTimeout=5",
    "KillWait=5",
    `NodeName=n1 NodeHostname=${host} NodeAddr=127.0.0.1 CPUs=2 RealMemory=1000 State=UNKNOWN`,
    "PartitionName=nightlight Nodes=n1 Default=YES MaxTime=60 State=UP",
    "",
  ].join("\n")
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1")
  const { promise, resolve } = Promise.withResolvers<void>()
  server.once("listening", resolve)
  await promise
  const address = server.address()
  server.close()
  return typeof address === "object" && address !== null ? address.port : 0
}

/** The text of a file that may not exist yet. */
export function textIfThere(path: string): string {
  try {
    return readFileSync(path, "utf8")
  } catch {
    return ""
  }
}
