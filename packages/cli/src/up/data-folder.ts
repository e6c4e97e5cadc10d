/**
 * The data folder of an installation: a workspace, and what the processes add to it.
 * @module
 */

import { chmod, mkdir } from "node:fs/promises"
import { join } from "node:path"
import { RequestError } from "@nightlight/core"
import { exists } from "@nightlight/durable"
import type { Io } from "../terminal/io.ts"
import { chooseNewPassphrase } from "../terminal/passphrase.ts"
import { hasCustodian, makeCustodian } from "./custodian.ts"
import { usersOf } from "./users.ts"

/** The created parts, and the state of the passphrase. */
export interface Prepared {
  readonly created: readonly ("workspace" | "custodian")[]
  /** `undefined` where none was given: the custodian stays locked, or does not exist yet. */
  readonly passphrase: string | undefined
}

/**
 * Makes the data folder (0700, or 0711 for separate users) and, if a passphrase is given, the workspace and the
 * custodian in it. Without one the service starts all the same: nothing can be opened until `nightlight custodian init`
 * has made a key.
 */
export async function prepareDataFolder(io: Io, dataDir: string, given: string | undefined): Promise<Prepared> {
  await mkdir(dataDir, { recursive: true, mode: 0o700 })
  // Separate users must pass through the folder to their parts.
  await chmod(dataDir, (await usersOf(dataDir)) === undefined ? 0o700 : 0o711)
  if (await hasCustodian(dataDir)) {
    const typed =
      given ?? (io.isTty ? await io.askSecret("Passphrase of the custodian (empty: leave it locked): ") : "")
    return { created: [], passphrase: typed === "" ? undefined : typed }
  }
  if (given === undefined && !io.isTty) return { created: [], passphrase: undefined }
  const passphrase = await chooseNewPassphrase(io, io.isTty, given)
  try {
    return { created: await initCustodianFolder(dataDir, passphrase), passphrase }
  } catch (error) {
    // Its key is elsewhere: the service runs without it, and reports that.
    if (!(error instanceof RequestError && error.code === "key_malformed")) throw error
    return { created: [], passphrase: undefined }
  }
}

/**
 * Makes the custodian, and the workspace where there is none yet. An interrupted call can be repeated.
 *
 * @param identityFile - A protected private half that was made elsewhere.
 * @throws {RequestError} `state_conflict` if there is a custodian already; as {@link makeCustodian}.
 */
export async function initCustodianFolder(
  dataDir: string,
  passphrase: string,
  identityFile?: string,
): Promise<Prepared["created"]> {
  await mkdir(dataDir, { recursive: true, mode: 0o700 })
  const hadWorkspace = await hasWorkspace(dataDir)
  if (!hadWorkspace) await makeWorkspace(dataDir, passphrase)
  await makeCustodian(dataDir, passphrase, identityFile)
  return hadWorkspace ? ["custodian"] : ["workspace", "custodian"]
}

/** Whether the folder is a workspace. */
function hasWorkspace(dataDir: string): Promise<boolean> {
  return exists(join(dataDir, "nightlight.yaml"))
}

/** Makes a workspace with keys of its own. */
async function makeWorkspace(dataDir: string, passphrase: string): Promise<void> {
  const { initWorkspace } = await import("@nightlight/dataset")
  await initWorkspace(dataDir, { custody: "locate", basis: null, custodians: [], passphrase })
}
