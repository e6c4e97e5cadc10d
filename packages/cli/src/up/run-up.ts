/**
 * What `nightlight up` does, from the data folder to the last process's end.
 * @module
 */

import type { Io } from "../terminal/io.ts"
import { assertNoPassphraseVariable } from "../terminal/passphrase.ts"
import { prepareDataFolder } from "./data-folder.ts"
import { startInstallation } from "./installation.ts"
import { type PassphraseSource, readPassphraseFrom } from "./passphrase-source.ts"
import { createReporter } from "./reporter.ts"
import { untilAborted } from "./until-aborted.ts"
import { assertRoot } from "./users.ts"

/** What {@link runUp} takes. */
export interface UpOptions {
  readonly io: Io
  readonly dataDir: string
  readonly port: number | undefined
  readonly adminPort: number | undefined
  readonly isJson: boolean
  readonly passphrase?: PassphraseSource
  /** Whether the custodian is unlocked again after it ended unasked. */
  readonly unlockAgain?: boolean
  /** Whether each process is to run as an OS user of its own. */
  readonly wantsUsers?: boolean
}

/**
 * Runs an installation until the process is told to stop; then stops it in order.
 *
 * @throws {RequestError} `state_conflict` if the folder is a demonstration; as {@link startInstallation}.
 */
export async function runUp(options: UpOptions): Promise<void> {
  const { io, dataDir, port, adminPort, isJson, passphrase: source, unlockAgain = false, wantsUsers = false } = options
  const { assertNoDemo } = await import("@nightlight/demo")
  await assertNoDemo(dataDir)
  assertNoPassphraseVariable(io, "Give --passphrase-file or --passphrase-stdin.")
  if (wantsUsers) assertRoot("--users starts each process as another user")
  const given = source === undefined ? undefined : await readPassphraseFrom(source, io)
  const reporter = createReporter(io, isJson)
  const { env, signal } = io
  const prepare = async () => {
    const { made, passphrase } = await prepareDataFolder(io, dataDir, given)
    reporter.prepared(dataDir, made, passphrase !== undefined)
    return passphrase
  }
  try {
    const installation = await startInstallation({
      dataDir,
      port,
      adminPort,
      env,
      signal,
      prepare,
      wantsUsers,
      asks: io.isTty && given === undefined,
      unlocking: { again: unlockAgain, acceptConfig: false },
      onUsers: reporter.users,
      onEvent: reporter.part,
      onUnlocked: reporter.unlocked,
      onSetupLink: reporter.setupLink,
    })
    try {
      reporter.ready(installation)
      await untilAborted(signal)
    } finally {
      reporter.stopping()
      await installation.stop()
    }
  } catch (error) {
    // Told to stop while it started: it has stopped.
    if (!signal.aborted) throw error
  }
  reporter.stopped()
}
