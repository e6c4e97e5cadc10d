/**
 * Lets the server reach a custodian of another user, whose socket is then outside its folder.
 * @module
 */
import { readFile } from "node:fs/promises"
import { join } from "node:path"
import { readConfig } from "@nightlight/custodian"
import { writeFileAtomic } from "@nightlight/durable"
import { arrange, type InstallationUsers } from "@nightlight/launcher"
import { readServerConfig } from "@nightlight/server/config"
import { parseDocument } from "yaml"
import { custodianDir, hasCustodian } from "./custodian.ts"
import { sharedSocket } from "./users.ts"

/**
 * Writes the socket's path and group into the configurations of an installation that had one user, and gives new files
 * to their user. A server with another custodian's socket keeps it.
 */
export async function moveSocket(
  dataDir: string,
  users: InstallationUsers,
): Promise<{ readonly changedCustodian: boolean }> {
  const socket = sharedSocket(dataDir)
  const { gid } = users.server
  const config = join(custodianDir(dataDir), "custodian.yaml")
  const custodian = (await hasCustodian(dataDir)) ? await readConfig(config) : undefined
  const usual = join(custodianDir(dataDir), "run", "custodian.sock")
  const serverConfig = join(dataDir, "server", "server.yaml")
  const { paths } = await readServerConfig(serverConfig)
  // The server first: after an interruption the custodian's configuration still has the old socket.
  if (paths.custodianSocket !== socket && [usual, custodian?.socket].includes(paths.custodianSocket)) {
    await set(serverConfig, [[["paths", "custodianSocket"], socket]])
  }
  const changedCustodian = custodian !== undefined && (custodian.socket !== socket || custodian.socketGroup !== gid)
  if (changedCustodian) {
    await set(config, [
      [["socket"], socket],
      [["socketGroup"], gid],
    ])
  }
  await arrange(dataDir, users)
  return { changedCustodian }
}

async function set(config: string, values: readonly (readonly [readonly string[], string | number])[]): Promise<void> {
  const document = parseDocument(await readFile(config, "utf8"))
  for (const [path, value] of values) document.setIn(path, value)
  await writeFileAtomic(config, document.toString(), 0o600)
}
