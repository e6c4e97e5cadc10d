/**
 * What `nightlight up --demo` does: it runs a demonstration's processes and prints its accounts.
 * @module
 */
import { join } from "node:path"
import { RequestError } from "@nightlight/core"
import { type DemoHost, runDemonstration } from "@nightlight/demo"
import { ensureServerFolder } from "@nightlight/server/config"
import { assertNoPassphraseVariable } from "../terminal/passphrase.ts"
import { custodianSocket, makeCustodian } from "./custodian.ts"
import { type Installation, startInstallation } from "./installation.ts"
import { actOn } from "./one-shot.ts"
import { printAccounts } from "./print-accounts.ts"
import { createReporter } from "./reporter.ts"
import type { UpOptions } from "./run-up.ts"
import { untilAborted } from "./until-aborted.ts"

/**
 * Runs a demonstration until the process is told to stop. The embedded database is used whatever the environment says.
 * Its keys' passphrase is a known one, so it takes none.
 *
 * @throws {RequestError} `input_invalid` if the environment holds a passphrase or users of their own are asked for; as
 *   {@link runDemonstration}.
 */
export async function runDemo(options: UpOptions): Promise<void> {
  const { io, dataDir, wantsUsers = false } = options
  if (wantsUsers) throw new RequestError("input_invalid", "a demonstration runs as one user: leave --users out")
  assertNoPassphraseVariable(io, "A demonstration needs none: unset it, as `env -u NIGHTLIGHT_PASSPHRASE` does.")
  await runDemonstration({ dataDir, host: hostOf(options), signal: io.signal })
}

function hostOf({ io, dataDir, port, adminPort, isJson }: UpOptions): DemoHost {
  const { signal } = io
  const reporter = createReporter(io, isJson)
  let running: Installation | undefined
  return {
    makeServiceFolders: async (passphrase) => {
      await makeCustodian(dataDir, passphrase)
      return (await ensureServerFolder(join(dataDir, "server"), await custodianSocket(dataDir))).config
    },
    start: async ({ prepare, onSetupLink }) => {
      const unlocked = Promise.withResolvers<void>()
      const installation = await startInstallation({
        dataDir,
        port,
        adminPort,
        env: {},
        signal,
        prepare,
        asks: false,
        onEvent: reporter.part,
        // The simulator that stands for the CyberTipline has another port each time, and the passphrase is no secret.
        unlocking: { again: true, acceptConfig: true },
        onUnlocked: (problem) => {
          reporter.unlocked(problem)
          unlocked.resolve()
        },
        onSetupLink: ({ url }) => onSetupLink(url),
      })
      running = installation
      const stop = async () => {
        reporter.stopping()
        await installation.stop()
      }
      await Promise.race([unlocked.promise, untilAborted(signal)])
      if (signal.aborted) await stop()
      signal.throwIfAborted()
      return { port: installation.port, stop }
    },
    joiningCodes: async (people) => {
      const { codes } = await actOn(dataDir, {}, { name: "joining-codes", people })
      const made = codes as readonly { readonly person: string; readonly code: string }[]
      return new Map(made.map(({ person, code }) => [person, code]))
    },
    onStep: (words) => io.err(`  ${words}\n`),
    ready: async (accounts) => {
      if (running !== undefined) reporter.ready(running)
      printAccounts(io, accounts, isJson)
      await untilAborted(signal)
    },
    runsAlready: (accounts) => printAccounts(io, accounts, isJson),
    stopped: reporter.stopped,
  }
}
