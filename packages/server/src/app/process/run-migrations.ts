import { RequestError } from "@nightlight/core"
import { readServerConfig } from "../../platform/config/read.ts"
import { createLog } from "../../platform/log.ts"
import { migrateDatabase } from "../../platform/migrate.ts"
import { createContext } from "../context.ts"
import { writeProcessLine } from "./run-main.ts"
import type { Start } from "./start-line.ts"

/**
 * Brings the database to this version.
 *
 * @throws {RequestError} `config_invalid` if no connection as the owner is configured.
 */
export async function runMigrations(start: Start): Promise<void> {
  if (start.owner === undefined) {
    throw new RequestError("config_invalid", "migrations run as the database's owner, and no owner was named", {
      hint: "Set NIGHTLIGHT_DATABASE_OWNER_URL to postgresql://nightlight_owner:PASSWORD@HOST/nightlight.",
    })
  }
  const { config, paths } = await readServerConfig(start.configPath)
  const log = createLog({ process: "migrate", level: config.log.level })
  const context = await createContext({ config, paths, database: start.database, log })
  try {
    await migrateDatabase(start.owner, context.features, log, start.migrations)
    writeProcessLine({ event: "ready" })
  } finally {
    await context.close()
  }
}
