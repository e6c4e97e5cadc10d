import { spawn } from "node:child_process"
import { once } from "node:events"
import { mkdir, readdir, rm, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { compact } from "@nightlight/core"
import { queryAs } from "@nightlight/dev-env/database/query-as"
import { unseal } from "@nightlight/vault/open"
import { describe, expect, it } from "vitest"
import { readBackup } from "../../src/backup/read-backup.ts"
import { finishSwap } from "../../src/backup/restore-swap.ts"
import { removeUnfinishedRestores } from "../../src/backup/scratch.ts"
import { launch } from "../../src/postgres/launch.ts"
import { layoutOf } from "../../src/postgres/layout.ts"
import { serverProcesses } from "../../src/postgres/processes.ts"
import type { BackupTask } from "../support/backup-child.ts"
import { ownTrust, useInstallation } from "../support/backups.ts"

const timeout = 3_600_000
const installation = useInstallation()

/** The point of death of a process: a step, or a number of file system operations. */
interface Death {
  readonly diesAt?: NonNullable<BackupTask["diesAt"]>
  readonly killAt?: number
}

async function run(task: BackupTask, { killAt }: Death = {}): Promise<{ readonly wasKilled: boolean }> {
  const here = (name: string) => new URL(name, import.meta.url).pathname
  const flags = ["-C", "@nightlight/source", "--import", here("../../../dev-env/src/machine/kill-at.ts")]
  const { PATH } = process.env
  const child = spawn(process.execPath, [...flags, here("../support/backup-child.ts"), JSON.stringify(task)], {
    stdio: ["ignore", "pipe", "pipe"],
    env: compact({ PATH, KILL_AT: killAt?.toString() }),
  })
  let said = ""
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (text: Buffer) => (said += text.toString()))
  const [, signal] = (await once(child, "close")) as [number | null, string | null]
  if (signal === null && said.trimEnd() !== "done") throw new Error(said)
  return { wasKilled: signal === "SIGKILL" }
}

/** Makes a folder that was backed up and whose database has changed since. */
async function backedUp() {
  const [dataDir, folder, identity] = [
    await installation.dataDir(),
    await installation.folder(),
    await installation.identity(),
  ]
  await installation.backUp(dataDir, folder)
  const server = await launch({ dataDir: join(dataDir, "postgres"), settings: { fsync: "off" } })
  await queryAs(server.owner, "INSERT INTO operations (name, since, by) VALUES ('later', now(), 'test')")
  await server.stop()
  return { dataDir, folder, identity }
}

/** Starts the database of a data folder as `up` does, and returns its mark. */
async function startedAs(dataDir: string): Promise<readonly string[]> {
  await finishSwap(dataDir)
  await removeUnfinishedRestores(dataDir)
  const server = await launch({ dataDir: join(dataDir, "postgres") })
  try {
    const rows = await queryAs(server.app, "SELECT name FROM operations ORDER BY name")
    return rows.map((row) => String((row as { readonly name: unknown }).name))
  } finally {
    await server.stop()
  }
}

/** PostgreSQL processes in scratch folders. */
async function strayServers(dataDir: string): Promise<readonly number[]> {
  const names = (await readdir(dataDir)).filter((name) => /^(restoring|drilling)-/.test(name))
  const found = await Promise.all(names.map((name) => serverProcesses(layoutOf(join(dataDir, name)).cluster)))
  return found.flat().map(({ pid }) => pid)
}

const points = (few: readonly Death[], most: number): readonly Death[] => [
  ...few,
  ...Array.from({ length: most }, (_, n) => ({ killAt: 1 + 2 ** n })),
]

describe("a backup whose process is killed", () => {
  it("is not a backup until it is complete, leaves no replication slot, and can be made into the same folder again", {
    timeout,
  }, async () => {
    const dataDir = await installation.dataDir()
    const identity = await installation.identity()
    const server = await launch({ dataDir: join(dataDir, "postgres"), settings: { fsync: "off" } })
    const slots = () => queryAs(server.superuser, "SELECT slot_name FROM pg_replication_slots")
    const open = async (folder: string) =>
      readBackup(folder, await ownTrust(dataDir), (ciphertext) => unseal(ciphertext, [identity]))
    try {
      for (const death of points([{ killAt: 400 }], 12)) {
        const folder = await installation.folder()
        const task: BackupTask = { does: "backup", dataDir, folder, identity, superuser: server.superuser }
        const { wasKilled } = await run(task, death)
        if (!wasKilled) continue
        await expect.poll(slots).toEqual([])
        const left = await readdir(folder).catch((): string[] => [])
        if (left.includes("backup.json")) await open(folder)
        else {
          await expect(installation.restore(folder, dataDir)).rejects.toMatchObject({ code: "not_found" })
          await run(task)
        }
        expect(await open(folder)).toMatchObject({ events: expect.any(Number) })
      }
    } finally {
      await server.stop()
    }
  })
})

describe("a restore whose process is killed", () => {
  it("leaves either the old database or the marked one in place, and can run again", {
    timeout,
  }, async () => {
    const { dataDir, folder, identity } = await backedUp()
    const task: BackupTask = { does: "restore", dataDir, folder, identity }
    for (const death of points([{ diesAt: "mark" }], 13)) {
      const { wasKilled } = await run({ ...task, ...compact({ diesAt: death.diesAt }) }, death)
      if (death.diesAt === "mark") {
        expect(wasKilled).toBe(true)
        expect(await strayServers(dataDir)).not.toEqual([])
      }
      const could = death.diesAt === "mark" ? [["later"]] : [["later"], ["marked"]]
      expect(could).toContainEqual(await startedAs(dataDir))
      expect((await readdir(dataDir)).filter((name) => name.startsWith("restor"))).toEqual([])
    }
    expect(await run(task)).toEqual({ wasKilled: false })
    expect(await startedAs(dataDir)).toEqual(["marked"])
  })
})

describe("a drill whose process is killed", () => {
  it("leaves a folder and a server that the next drill removes, and nothing else is touched", {
    timeout,
  }, async () => {
    const { dataDir, folder, identity } = await backedUp()
    const task: BackupTask = { does: "drill", dataDir, folder, identity }
    const drills = async () => (await readdir(dataDir)).filter((name) => name.startsWith("drilling-"))
    for (const death of points([{ diesAt: "look" }], 13)) {
      const { wasKilled } = await run({ ...task, ...compact({ diesAt: death.diesAt }) }, death)
      if (death.diesAt !== "look" && !wasKilled) continue
      expect(wasKilled).toBe(true)
      if (death.diesAt !== "look") continue
      expect(await drills()).toHaveLength(1)
      expect(await strayServers(dataDir)).not.toEqual([])
    }
    // A folder of another process, and a name that no drill removes.
    await mkdir(join(dataDir, "drilling-1-expected"))
    await writeFile(join(dataDir, "drilling"), "a person's note")
    expect(await run(task)).toEqual({ wasKilled: false })
    expect(await drills()).toEqual([])
    expect(await strayServers(dataDir)).toEqual([])
    expect(await readdir(dataDir)).toContain("drilling")
    await rm(join(dataDir, "drilling"))
    expect(await startedAs(dataDir)).toEqual(["later"])
  })
})
