/**
 * Keeps one test server: `postgres-keeper.ts <folder> <pid>` runs it in the folder while the process lives, then stops
 * it and removes the folder. First it removes the remains of killed keepers.
 */

import { readdir, rename, rm, writeFile } from "node:fs/promises"
import { dirname, join } from "node:path"
import { setTimeout as wait } from "node:timers/promises"
import { compact } from "@nightlight/core"
import { ensureDatabase, launch, type RunningPostgres, stopLeftovers } from "@nightlight/launcher/postgres"
import { Client } from "pg"
import { migrate } from "../../../server/src/platform/db/migrate.ts"
import { type Ready, TEMPLATE } from "./postgres-ready.ts"

/** No durability, and settings for a thousand small databases. */
const FAST = {
  fsync: "off",
  synchronous_commit: "off",
  full_page_writes: "off",
  autovacuum: "off",
  max_connections: 200,
  max_wal_size: "4GB",
}

const [folder = "", runPid = ""] = process.argv.slice(2)

const publish = async (ready: Ready) => {
  const temp = join(folder, "ready.json.new")
  await writeFile(temp, JSON.stringify(ready), { mode: 0o600 })
  await rename(temp, join(folder, "ready.json"))
}

await removeAbandoned()
const server = await launch({ dataDir: join(folder, "data"), settings: FAST, initdbArgs: ["--no-sync"] })
try {
  const { owner, app, superuser } = server
  const failure = await makeTemplate(server).then(
    () => undefined,
    (error: unknown) => String(error),
  )
  await publish(compact({ owner, app, superuser, failure }))
  while (isAlive(Number(runPid))) await wait(250)
} finally {
  await server.stop()
  await rm(folder, { recursive: true, force: true })
}

async function makeTemplate({ superuser, owner }: RunningPostgres): Promise<void> {
  const client = new Client({ ...superuser, database: "postgres" })
  await client.connect()
  try {
    await ensureDatabase(client, TEMPLATE)
    await migrate({ ...owner, database: TEMPLATE })
    await client.query(`ALTER DATABASE ${TEMPLATE} ALLOW_CONNECTIONS false`)
  } finally {
    await client.end()
  }
}

async function removeAbandoned(): Promise<void> {
  const parent = dirname(folder)
  for (const name of await readdir(parent)) {
    const pid = /^nightlight-test-pg-(\d+)-(\d+)$/.exec(name)
    const mine = pid?.[1] === String(process.getuid?.() ?? 0)
    if (!mine || isAlive(Number(pid?.[2])) || join(parent, name) === folder) continue
    await stopLeftovers(join(parent, name, "data", "cluster"))
    await rm(join(parent, name), { recursive: true, force: true })
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
