/**
 * Whether a folder is an installation's data folder.
 * @module
 */
import { access } from "node:fs/promises"
import { join } from "node:path"
import { RequestError } from "@nightlight/core"

const NAME_IT = "Name the data folder; nightlight up makes one."

/** Refuses a folder without an installation, before anything is created in it. */
export async function assertInstallation(dataDir: string, hint: string = NAME_IT): Promise<void> {
  await access(join(dataDir, "server", "server.yaml")).catch(() => {
    throw new RequestError("not_found", `there is no installation in ${dataDir}`, { hint })
  })
}
