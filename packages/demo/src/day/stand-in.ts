/**
 * What stands for the CyberTipline in a demonstration: the simulator, in this process, on the loopback address. It ends
 * with the command, and the custodian of a demonstration knows no other host.
 * @module
 */
import { randomBytes } from "node:crypto"
import { readFile } from "node:fs/promises"
import { join } from "node:path"
import { setCredentials } from "@nightlight/custodian"
import { type Simulator, startSimulator } from "@nightlight/cybertipline/simulator"
import { ensureDirPrivate, writeFileAtomic } from "@nightlight/durable"
import { parseDocument } from "yaml"

/** Folder of the custodian's own snapshots of lists, in its folder. */
const LISTS_FOLDER = "lists"

const custodianDir = (dataDir: string) => join(dataDir, "custodian")

/** Where the custodian of a demonstration looks for a list's snapshot. */
export function snapshotPath(dataDir: string, list: string): string {
  return join(custodianDir(dataDir), LISTS_FOLDER, `${list}.hashes`)
}

/** A simulator, and the credentials that it takes. */
export interface StandIn {
  readonly simulator: Simulator
  readonly credentials: { readonly username: string; readonly password: string }
}

/** Starts the simulator. Its report numbers go on from where an earlier start's ended. */
export async function startStandIn(): Promise<StandIn> {
  const credentials = { username: "demonstration", password: randomBytes(18).toString("base64url") }
  const firstReportId = Math.floor(Date.now() / 1000)
  return { credentials, simulator: await startSimulator({ credentials, environment: "test", firstReportId }) }
}

/**
 * Writes the simulator's address and credentials, and where snapshots of lists lie, into the custodian's own
 * configuration. Production stays off, and its
 * address is the simulator's too: nothing in the folder names a real host.
 */
export async function pinStandIn(dataDir: string, { simulator, credentials }: StandIn): Promise<void> {
  const path = join(custodianDir(dataDir), "custodian.yaml")
  const document = parseDocument(await readFile(path, "utf8"))
  const { baseUrl } = simulator
  document.setIn(["hosts"], { test: { baseUrl }, production: { enabled: false, baseUrl } })
  document.setIn(["lists"], LISTS_FOLDER)
  // Its pictures are generated shapes: it runs where nothing isolates a decoder, too, and says so.
  document.setIn(["decoder"], { withoutIsolation: "accept" })
  await ensureDirPrivate(join(custodianDir(dataDir), LISTS_FOLDER))
  await writeFileAtomic(path, document.toString(), 0o600)
  await setCredentials(custodianDir(dataDir), "test", credentials)
}
