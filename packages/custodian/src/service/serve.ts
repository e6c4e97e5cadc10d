/**
 * The custodian's process: one Unix socket, and no other way in.
 * @module
 */
import { chmod, chown, lstat, rm } from "node:fs/promises"
import { connect } from "node:net"
import { dirname } from "node:path"
import {
  DependencyError,
  hasCode,
  IntegrityError,
  type NightlightError,
  RequestError,
  systemClock,
} from "@nightlight/core"
import { ensureDirPrivate } from "@nightlight/durable"
import { fastify } from "fastify"
import { readWrittenConfig } from "../config.ts"
import { SELF } from "../journal/journal.ts"
import { readPassphraseFile } from "../keys/passphrase-file.ts"
import { custodianLayout } from "../layout.ts"
import { addNoticeRoutes } from "../notices/notice-routes.ts"
import type { TimeSources } from "../own-clock.ts"
import { socketPath } from "../socket-path.ts"
import { type Context, openContext } from "./context.ts"
import { addDestructionRoutes } from "./destruction-routes.ts"
import { addFilingRoutes } from "./filing-routes.ts"
import { createProblemHandler } from "./problems.ts"
import { addRoutes } from "./routes.ts"

/** Options of {@link serve}. */
export interface ServeOptions {
  /** Unlocks at the start; a wrong one leaves it locked, which the journal records. */
  readonly passphrase?: string
  /** Whether the holder of the passphrase accepts a configuration that was changed. */
  readonly acceptConfig?: boolean
  readonly time?: TimeSources
}

/** A listening custodian. Dispose of it: it ends what it is doing and forgets its key. */
export interface Serving extends AsyncDisposable {
  readonly socket: string
}

/** Longest request: a report's document and its grant. */
const MAX_BODY_BYTES = 16 * 1024 * 1024

const machineTime: TimeSources = { clock: systemClock, monotonicMs: () => performance.now() }

/**
 * Opens a custodian's folder and listens on its socket. The caller holds the folder's lock.
 *
 * @param root - Absolute path of the folder.
 * @throws {IntegrityError} if journal, enrolments, checkpoints or keys were altered.
 * @throws {RequestError} `config_invalid`; `not_found` if there is no custodian.
 */
export async function serve(
  root: string,
  { passphrase, acceptConfig = false, time = machineTime }: ServeOptions = {},
): Promise<Serving> {
  const layout = custodianLayout(root)
  const { config, written: writtenConfig } = await readWrittenConfig(layout.config)
  await ensureDirPrivate(root)
  const context = await openContext({ layout, config, writtenConfig, time })
  const app = fastify({ logger: false, bodyLimit: MAX_BODY_BYTES, forceCloseConnections: "idle" })
  app.setErrorHandler(createProblemHandler(context.journal, time.monotonicMs))
  addRoutes(app, context)
  addFilingRoutes(app, context)
  addNoticeRoutes(app, context)
  addDestructionRoutes(app, context)
  try {
    await unlockFirst(context, { passphrase, acceptConfig, keyFile: config.keyFile })
    await listen(app, config.socket, config.socketGroup)
    await context.journal.record("custodian.started", SELF, { state: context.keyring.state })
  } catch (error) {
    await app.close()
    await context[Symbol.asyncDispose]()
    throw error
  }
  return {
    socket: config.socket,
    async [Symbol.asyncDispose]() {
      await app.close()
      try {
        await context.journal.record("custodian.stopped", SELF)
      } finally {
        await context[Symbol.asyncDispose]()
      }
    },
  }
}

interface FirstUnlock {
  readonly passphrase: string | undefined
  readonly acceptConfig: boolean
  readonly keyFile: string | null
}

/** A failure leaves the custodian locked, which its state and its journal show. */
async function unlockFirst(context: Context, { passphrase: given, acceptConfig, keyFile }: FirstUnlock): Promise<void> {
  const passphrase = given ?? (keyFile === null ? undefined : await readPassphraseFile(keyFile))
  if (passphrase === undefined) return
  try {
    await context.unlock(passphrase, acceptConfig)
  } catch (error) {
    if (!leavesLocked(error)) throw error
    await context.journal.record("request.refused", "host", { route: "start", why: error.code })
  }
}

function leavesLocked(error: unknown): error is NightlightError {
  if (error instanceof RequestError || error instanceof IntegrityError) return true
  return hasCode(error, "decoder_not_isolated") || hasCode(error, "decoder_unavailable")
}

async function listen(app: ReturnType<typeof fastify>, absolute: string, group: number | null): Promise<void> {
  const path = socketPath(absolute)
  if (path === undefined) {
    throw new RequestError("config_invalid", "the socket's path is too long for this system", {
      hint: "Set `socket` in custodian.yaml to a place with a path of less than 100 characters.",
    })
  }
  await ensureSocketFolder(dirname(absolute), group)
  await removeDeadSocket(path)
  // The socket must never have wider permissions, not even for a moment.
  const before = process.umask(0o177)
  try {
    await app.listen({ path })
  } finally {
    process.umask(before)
  }
  if (group === null) return
  await chown(path, -1, group)
  await chmod(path, 0o660)
}

async function ensureSocketFolder(dir: string, group: number | null): Promise<void> {
  if (group === null) return ensureDirPrivate(dir)
  const found = await lstat(dir).catch(() => undefined)
  if (found === undefined) await ensureDirPrivate(dir)
  // Made by root for a custodian that is not in the group: files in the folder get the group.
  else if (found.gid === group && (found.mode & 0o7777) === 0o2750) return
  await chown(dir, -1, group)
  await chmod(dir, 0o710)
}

/** Removes the socket of a killed custodian; one that answers is not removed. */
async function removeDeadSocket(path: string): Promise<void> {
  const found = await lstat(path).catch(() => undefined)
  if (found === undefined) return
  if (!found.isSocket()) throw new RequestError("config_invalid", "a file has the socket's name")
  const answers = await new Promise<boolean>((resolve) => {
    const socket = connect(path)
    socket.once("connect", () => {
      socket.destroy()
      resolve(true)
    })
    socket.once("error", () => resolve(false))
  })
  if (answers) throw new DependencyError("locked", "another custodian answers on this socket")
  await rm(path)
}
