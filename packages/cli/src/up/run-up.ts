/**
 * `nightlight up`, from the data folder to the end of the last process.
 * @module
 */

import type { Io } from "../terminal/io.ts"
import { assertNoPassphraseVariable } from "../terminal/passphrase.ts"
import { prepareDataFolder } from "./data-folder.ts"
import { type Installation, startInstallation } from "./installation.ts"
import { type PassphraseSource, readPassphraseFrom } from "./passphrase-source.ts"
import { createReporter, type Reporter } from "./reporter.ts"
import { untilAborted } from "./until-aborted.ts"
import { assertRoot } from "./users.ts"

/** Options of {@link runUp}. */
export interface UpOptions {
  readonly io: Io
  readonly dataDir: string
  readonly port: number | undefined
  readonly adminPort: number | undefined
  readonly isJson: boolean
  readonly passphrase?: PassphraseSource
  /** Whether the custodian is unlocked again after it ended unexpectedly. */
  readonly unlockAgain?: boolean
  /** Whether each process runs as a separate OS user. */
  readonly wantsUsers?: boolean
}

/**
 * Runs an installation until the process is told to stop; then stops it in order.
 *
 * @throws {RequestError} `state_conflict` if the folder is a demonstration; as {@link startInstallation}.
 */
export async function runUp(options: UpOptions): Promise<void> {
  const { io, dataDir, port, adminPort, isJson, passphrase: source, unlockAgain = false, wantsUsers = false } = options
  const { assertNoDemo } = await import("@nightlight/demo/folder")
  await assertNoDemo(dataDir)
  assertNoPassphraseVariable(io, "Give --passphrase-file or --passphrase-stdin.")
  if (wantsUsers) assertRoot("--users starts each process as another user")
  const given = source === undefined ? undefined : await readPassphraseFrom(source, io)
  const reporter = createReporter(io, isJson)
  const { env, signal } = io
  const prepare = async () => {
    const { created, passphrase } = await prepareDataFolder(io, dataDir, given)
    reporter.prepared(dataDir, created, passphrase !== undefined)
    return passphrase
  }
  const start = () =>
    startInstallation({
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
  await runUntilStopped(reporter, signal, start, async (installation) => reporter.ready(installation))
}

/**
 * Starts an installation and stops it in order when the process is told to stop.
 *
 * @param onRunning - Does what remains to be done when calls are answered; it ends early where it is told to stop.
 * @throws as {@link startInstallation}, unless the process was told to stop meanwhile.
 */
export async function runUntilStopped(
  reporter: Pick<Reporter, "stopping" | "stopped">,
  signal: AbortSignal,
  start: () => Promise<Installation>,
  onRunning: (installation: Installation) => Promise<void>,
): Promise<void> {
  try {
    const installation = await start()
    try {
      await onRunning(installation)
      await untilAborted(signal)
    } finally {
      reporter.stopping()
      await installation.stop()
    }
  } catch (error) {
    // A stop during the start has taken effect already.
    if (!signal.aborted) throw error
  }
  reporter.stopped()
}
