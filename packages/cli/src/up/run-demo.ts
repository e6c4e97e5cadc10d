/**
 * `nightlight up --demo`: runs an installation, fills it, and prints its accounts.
 * @module
 */
import { join } from "node:path"
import { hasCode, RequestError } from "@nightlight/core"
import { openDemonstration } from "@nightlight/demo"
import { ensureServerFolder } from "@nightlight/server/config"
import { assertNoPassphraseVariable } from "../terminal/passphrase.ts"
import { custodianSocket, makeCustodian } from "./custodian.ts"
import { startInstallation } from "./installation.ts"
import { runAction } from "./one-shot.ts"
import { printAccounts } from "./print-accounts.ts"
import { createReporter } from "./reporter.ts"
import { runUntilStopped, type UpOptions } from "./run-up.ts"
import { untilAborted } from "./until-aborted.ts"

/**
 * Runs a demonstration until the process is stopped; where it runs already, prints its accounts. Always uses the
 * embedded database. Its keys have a known passphrase, so it reads none.
 */
export async function runDemo({ io, dataDir, port, adminPort, isJson, wantsUsers }: UpOptions): Promise<void> {
  if (wantsUsers === true)
    throw new RequestError("input_invalid", "a demonstration runs as one user: leave --users out")
  assertNoPassphraseVariable(
    io,
    "A demonstration needs no passphrase: unset it, as `env -u NIGHTLIGHT_PASSPHRASE` does.",
  )
  const { signal } = io
  const reporter = createReporter(io, isJson)
  let setupLink = ""
  const unlocked = Promise.withResolvers<void>()
  await using demonstration = await openDemonstration(dataDir, signal, (words) => io.err(`  ${words}\n`))
  const makeServiceFolders = async (passphrase: string) => {
    await makeCustodian(dataDir, passphrase)
    return (await ensureServerFolder(join(dataDir, "server"), await custodianSocket(dataDir))).config
  }
  const start = () =>
    startInstallation({
      dataDir,
      port,
      adminPort,
      env: {},
      signal,
      prepare: () => demonstration.prepare(makeServiceFolders),
      asks: false,
      onEvent: reporter.part,
      // The CyberTipline simulator has another port each time, and the passphrase is no secret.
      unlocking: { again: true, acceptConfig: true },
      onUnlocked: (problem) => {
        reporter.unlocked(problem)
        unlocked.resolve()
      },
      onSetupLink: ({ url }) => {
        setupLink = url
      },
    })
  const joiningCodes = async (people: readonly string[]) => {
    const { codes } = await runAction(dataDir, {}, { name: "joining-codes", people })
    return new Map((codes as readonly { person: string; code: string }[]).map(({ person, code }) => [person, code]))
  }
  try {
    await runUntilStopped(reporter, signal, start, async (installation) => {
      await Promise.race([unlocked.promise, untilAborted(signal)])
      signal.throwIfAborted()
      const origin = `http://localhost:${installation.port}`
      const accounts = await demonstration.start({ origin, setupLink, joiningCodes })
      reporter.ready(installation)
      printAccounts(io, accounts, isJson)
      await untilAborted(signal)
      await demonstration.stop()
    })
  } catch (error) {
    if (!hasCode(error, "locked") || demonstration.accounts === undefined) throw error
    printAccounts(io, demonstration.accounts, isJson)
  }
}
