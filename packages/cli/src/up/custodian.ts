/**
 * The custodian of an installation: made with the data folder, kept running, unlocked with the passphrase.
 * @module
 */

import { randomBytes } from "node:crypto"
import { join } from "node:path"
import { setTimeout as wait } from "node:timers/promises"
import { fileURLToPath } from "node:url"
import { compact, NightlightError, RequestError } from "@nightlight/core"
import { createCustodianClient, initCustodian, readConfig } from "@nightlight/custodian"
import { exists } from "@nightlight/durable"
import {
  arrange,
  type InstallationUsers,
  keepRunning,
  type LogFiles,
  type Part,
  type PartEvent,
} from "@nightlight/launcher"
import { sharedSocket, usersOf } from "./users.ts"

/** Longest path of a socket that every Unix takes, bytes. */
const SOCKET_PATH_BYTES = 100
const CHECK_MS = 500
const GRACE_MS = 30_000

/** Folder of the custodian in a data folder. */
export function custodianDir(dataDir: string): string {
  return join(dataDir, "custodian")
}

/** Whether a custodian exists there. */
export function hasCustodian(dataDir: string): Promise<boolean> {
  return exists(join(custodianDir(dataDir), "custodian.yaml"))
}

/** Makes the custodian of a workspace with the workspace's own custodian key, or with a given one. */
export async function makeCustodian(dataDir: string, passphrase: string, identityFile?: string): Promise<void> {
  const own = join(dataDir, "keys", "custodian.age")
  const identity = identityFile ?? ((await exists(own)) ? own : undefined)
  if (identity === undefined) {
    throw new RequestError("key_malformed", "the custodian's private key is missing: it was made elsewhere", {
      hint: "Give its protected private half: nightlight custodian init --identity FILE.",
    })
  }
  const users = await usersOf(dataDir)
  const inFolder = users === undefined ? join(custodianDir(dataDir), "run", "custodian.sock") : sharedSocket(dataDir)
  const isLong = Buffer.byteLength(inFolder) > SOCKET_PATH_BYTES
  // No one can have prepared a folder of that name.
  const shortSocket = isLong ? `/tmp/nightlight-${randomBytes(8).toString("hex")}/custodian.sock` : undefined
  await initCustodian(custodianDir(dataDir), {
    passphrase,
    evidence: "../evidence",
    identityFile: identity,
    recipients: { manifest: "../keys/recipients.json", key: "../keys/signing.pem.pub" },
    ...compact({ socket: users === undefined ? shortSocket : sharedSocket(dataDir), socketGroup: users?.server.gid }),
  })
}

/** The custodian's socket, if it is not in the data folder. */
export async function custodianSocket(dataDir: string): Promise<string | undefined> {
  if (!(await hasCustodian(dataDir))) return undefined
  const { socket } = await readConfig(join(custodianDir(dataDir), "custodian.yaml"))
  return socket === join(custodianDir(dataDir), "run", "custodian.sock") ? undefined : socket
}

/** Uses of a given passphrase besides the first unlocking. */
export interface Unlocking {
  /**
   * Whether it also unlocks a custodian that ended unexpectedly; else it is forgotten, and a person must look first.
   */
  readonly again: boolean
  /** Whether it also accepts a changed configuration. */
  readonly acceptConfig: boolean
}

/** Options of {@link keepCustodian}. */
export interface CustodianOptions {
  readonly dataDir: string
  readonly logs: LogFiles
  /** The OS users, where the processes run as separate ones. */
  readonly users: InstallationUsers | undefined
  /** Unlocks it at the first start; without a passphrase a person does. */
  readonly passphrase: string | undefined
  readonly unlocking: Unlocking
  readonly onEvent: (event: PartEvent) => void
  readonly onUnlocked: (problem: string | undefined) => void
}

/** A custodian that is kept running. */
export interface KeptCustodian {
  stop(): Promise<void>
}

/** Keeps the custodian running once it exists. */
export function keepCustodian(options: CustodianOptions): KeptCustodian {
  const { dataDir, logs, users, unlocking, onEvent, onUnlocked } = options
  let { passphrase } = options
  const stopping = new AbortController()
  let part: Part | undefined
  const begin = async () => {
    while (!(await hasCustodian(dataDir))) await wait(CHECK_MS, undefined, { signal: stopping.signal })
    stopping.signal.throwIfAborted()
    // New files still belong to root.
    if (users !== undefined) await arrange(dataDir, users)
    const entry = fileURLToPath(import.meta.resolve("@nightlight/custodian/main"))
    const command = {
      entry,
      args: [custodianDir(dataDir), "--supervised"],
      cwd: dataDir,
      input: "",
      takesAuthorities: false,
      user: users?.custodian,
    }
    part = keepRunning(
      {
        name: "custodian",
        graceMs: GRACE_MS,
        always: true,
        command: () => ({ ...command, log: logs.of("custodian") }),
      },
      (event) => {
        onEvent(event)
        if (event.event !== "ready" || passphrase === undefined) return
        void unlock(dataDir, passphrase, unlocking.acceptConfig).then(onUnlocked)
        if (!unlocking.again) passphrase = undefined
      },
    )
  }
  const beginning = begin().catch(() => undefined)
  return {
    stop: async () => {
      stopping.abort()
      await beginning
      await part?.stop()
    },
  }
}

/** Why it could not be unlocked; undefined if it was. */
async function unlock(dataDir: string, passphrase: string, acceptConfig: boolean): Promise<string | undefined> {
  try {
    const { socket } = await readConfig(join(custodianDir(dataDir), "custodian.yaml"))
    await createCustodianClient(socket).unlock(passphrase, acceptConfig)
    return undefined
  } catch (error) {
    if (!(error instanceof NightlightError)) return "an internal error"
    return error.hint === undefined ? error.message : `${error.message}. ${error.hint}`
  }
}
