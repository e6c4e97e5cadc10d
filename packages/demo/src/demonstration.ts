/**
 * The demonstration of the service: everything except the processes, which the command runs.
 * @module
 */
import { randomBytes } from "node:crypto"
import { rm } from "node:fs/promises"
import { join } from "node:path"
import { compact } from "@nightlight/core"
import { createCustodianClient, readConfig } from "@nightlight/custodian"
import type { Guard } from "@nightlight/guard"
import { type FillRequest, fill } from "./day/fill.ts"
import { startChatGuard } from "./day/guard.ts"
import { enrolmentCode } from "./day/invite-people.ts"
import { custodianFolder, pinReceiver, prepareFolder, startReceiver } from "./day/prepare.ts"
import { type DemoPerson, openDemoFolder, writeDemo } from "./folder.ts"
import { DEMO_PASSPHRASE } from "./passphrase.ts"

/** A demonstration's people and sign-in address. */
export interface DemoAccounts {
  readonly url: string
  readonly folder: string
  /** Unlocks the custodian's keys. */
  readonly passphrase: string
  readonly people: readonly DemoPerson[]
}

/**
 * Opens a demonstration: begins one in a new folder, continues the one in an older folder. The simulator of the
 * CyberTipline runs until the result is disposed of; if the signal aborted, that removes a folder that is not finished.
 *
 * @throws {RequestError} `output_conflict`, `state_conflict` as {@link openDemoFolder}.
 */
export async function openDemonstration(folder: string, signal: AbortSignal, onStep: (words: string) => void) {
  const before = await openDemoFolder(folder)
  const simulator = await startReceiver()
  const accountsOf = (url: string, people: readonly DemoPerson[]): DemoAccounts => {
    return { url, folder, passphrase: DEMO_PASSPHRASE, people }
  }
  let isMade = before !== undefined
  let guard: Guard | undefined
  const stop = async () => guard?.stop(0)
  return {
    /** Accounts of an earlier start. */
    accounts: before?.url === undefined ? undefined : accountsOf(before.url, before.people),
    /**
     * Fills the data folder before the processes start.
     *
     * @param makeServiceFolders - Makes the custodian and the server's configuration, and returns the configuration's path.
     * @returns The custodian's passphrase.
     */
    prepare: async (makeServiceFolders: (passphrase: string) => Promise<string>): Promise<string> => {
      if (before === undefined) {
        onStep("making a demonstration of generated shapes: about a minute")
        await prepareFolder(folder, makeServiceFolders)
      }
      await pinReceiver(folder, simulator)
      return DEMO_PASSPHRASE
    },
    /** Fills the running, unlocked service if that was not done before, and starts the guard. */
    start: async (service: Pick<FillRequest, "origin" | "joiningCodes" | "setupLink">): Promise<DemoAccounts> => {
      const { socket } = await readConfig(join(custodianFolder(folder), "custodian.yaml"))
      const custodian = createCustodianClient(socket)
      const startGuard = async (key?: string) => {
        guard = await startChatGuard(folder, service.origin, key)
        return guard.url
      }
      const password = `Demonstration-${randomBytes(6).toString("base64url")}`
      const request = { ...service, folder, signal, custodian, password, simulator, startGuard, onStep }
      const known = before?.people ?? (await fill(request))
      if (before !== undefined) await startGuard()
      const people: DemoPerson[] = []
      for (const person of known) {
        people.push(compact({ ...person, enrolmentCode: await enrolmentCode({ custodian }, person.id, person.role) }))
      }
      await writeDemo(folder, { url: service.origin, people })
      isMade = true
      return accountsOf(service.origin, people)
    },
    /** Stops the guard, with its last heartbeat. Must be called before the service stops. */
    stop,
    [Symbol.asyncDispose]: async () => {
      await stop()
      await simulator.close()
      if (!isMade && signal.aborted) await rm(folder, { recursive: true, force: true })
    },
  }
}
