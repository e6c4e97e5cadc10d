import { readServerConfig } from "../config/read.ts"
import { createContext } from "../context.ts"
import { createLog } from "../log.ts"
import { tell } from "./run-main.ts"
import type { Start } from "./start-line.ts"

/** Makes a set-up link while there is no administrator; makes none, and says so by saying nothing, once there is. */
export async function runSetup(start: Start): Promise<void> {
  const { config, paths } = await readServerConfig(start.configPath)
  const log = createLog({ process: "setup", level: config.log.level })
  const port = start.port ?? config.listen.port
  const context = await createContext({ config, paths, database: start.database, port, log })
  try {
    const link = await context.signIn.joining.createSetupLink()
    if (link !== undefined) tell({ event: "setup-link", url: link.url, expiresAt: link.expiresAt.toISOString() })
    tell({ event: "ready" })
  } finally {
    await context.close()
  }
}
