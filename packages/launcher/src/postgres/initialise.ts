import { randomBytes } from "node:crypto"
import { chown, mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { DependencyError } from "@nightlight/core"
import { errnoOf, syncDir, toReadError, toWriteError } from "@nightlight/durable"
import type { Binaries } from "./binaries.ts"
import type { Identity } from "./identity.ts"
import type { Layout } from "./layout.ts"
import { exitOf, runProgram } from "./run.ts"

const UNFINISHED = /^new-[0-9a-f]{12}$/

/** Settings of a new cluster. */
export interface CreateClusterOptions {
  readonly layout: Layout
  readonly binaries: Binaries
  readonly identity: Identity
  readonly superuserPassword: string
  /** File descriptor for the output of `initdb`. */
  readonly output: number
  /** Further arguments of `initdb`. */
  readonly initdbArgs: readonly string[]
}

/**
 * Reads the major version of PostgreSQL that made a data folder's cluster; `undefined` if there is none yet.
 *
 * @throws {DependencyError} `source_unreadable`.
 */
export async function clusterVersion(layout: Layout): Promise<string | undefined> {
  return readFile(join(layout.cluster, "PG_VERSION"), "latin1").then(
    (text) => text.trim(),
    (error: unknown) => {
      if (errnoOf(error) === "ENOENT") return undefined
      throw toReadError(error, "the database's data folder")
    },
  )
}

/**
 * Makes an empty cluster: UTF-8, C locale, page checksums, SCRAM only. It appears under its name when it is complete;
 * the remains of a killed attempt are removed.
 *
 * @throws {DependencyError} `unavailable` if `initdb` fails; `disk_full`, `write_failed`.
 */
export async function createCluster(options: CreateClusterOptions): Promise<void> {
  const { layout, binaries, identity } = options
  const workDir = join(layout.root, `new-${randomBytes(6).toString("hex")}`)
  const made = join(workDir, "cluster")
  const passwordFile = join(workDir, "password")
  try {
    await removeUnfinished(layout.root)
    await mkdir(workDir, { mode: 0o700 })
    await writeFile(passwordFile, options.superuserPassword, { mode: 0o600, flag: "wx" })
    if (identity.kind === "user") {
      // The folder comes last: once another user owns it, a name in it may be a link.
      for (const path of [passwordFile, workDir]) await chown(path, identity.uid, identity.gid)
    }
    const command = [
      binaries.initdb,
      "--pgdata",
      made,
      "--username=postgres",
      "--pwfile",
      passwordFile,
      "--auth=scram-sha-256",
      "--encoding=UTF8",
      "--locale=C",
      "--data-checksums",
      "--no-instructions",
      ...options.initdbArgs,
    ]
    const exit = await exitOf(runProgram(command, { identity, cwd: workDir, output: options.output }))
    if (exit.code !== 0) {
      throw new DependencyError("unavailable", "PostgreSQL could not make its data folder", {
        details: { status: exit.code ?? String(exit.signal) },
        hint: `Its log says why: ${layout.log}`,
      })
    }
    await rename(made, layout.cluster)
    await syncDir(layout.root)
  } catch (error) {
    throw toWriteError(error, "the database's data folder")
  } finally {
    await rm(workDir, { recursive: true, force: true })
  }
}

async function removeUnfinished(root: string): Promise<void> {
  for (const name of await readdir(root)) {
    if (UNFINISHED.test(name)) await rm(join(root, name), { recursive: true, force: true, maxRetries: 5 })
  }
}
