/**
 * Files in a data folder that configure PostgreSQL.
 * @module
 */
import { readdir, rm } from "node:fs/promises"
import { join } from "node:path"
import { RequestError } from "@nightlight/core"
import { errnoOf, toWriteError, writeFileAtomic } from "@nightlight/durable"
import { giveTo } from "./folders.ts"
import type { Identity } from "./identity.ts"
import type { Layout } from "./layout.ts"
import { CONFIGURATION } from "./settings.ts"

/** The only allowed connection: by the socket, with SCRAM, which does not transmit the password. */
const HBA = "local all all scram-sha-256\n"

const WRITTEN: Readonly<Record<string, string>> = {
  "postgresql.conf": CONFIGURATION,
  "postgresql.auto.conf": "",
  "pg_hba.conf": HBA,
  "pg_ident.conf": "",
}

/** Files that make a server wait for another server's log or run a command to fetch it. */
const SIGNALS = ["recovery.signal", "standby.signal", "promote", "fallback_promote"]

/**
 * Rewrites each file of settings and removes signal files. A link with one of these names is replaced, never followed.
 *
 * @throws {RequestError} `config_invalid` if the cluster has a tablespace elsewhere, which no installation has.
 * @throws {DependencyError} `disk_full`, `write_failed`.
 */
export async function clearConfiguration({ cluster }: Layout, identity: Identity): Promise<void> {
  await assertNoTablespace(cluster)
  for (const name of SIGNALS) {
    await rm(join(cluster, name), { force: true, recursive: true }).catch((error: unknown) => {
      throw toWriteError(error, "the database's configuration")
    })
  }
  for (const [name, text] of Object.entries(WRITTEN)) {
    const path = join(cluster, name)
    await writeFileAtomic(path, text, 0o600)
    await giveTo(identity, path)
  }
}

async function assertNoTablespace(cluster: string): Promise<void> {
  const names = await readdir(join(cluster, "pg_tblspc")).catch((error: unknown) => {
    if (errnoOf(error) === "ENOENT") return []
    throw toWriteError(error, "the database's folder of tablespaces")
  })
  if (names.length === 0) return
  throw new RequestError("config_invalid", "the database's folder leads to a place outside of it (pg_tblspc)", {
    details: { tablespaces: names.length },
  })
}
