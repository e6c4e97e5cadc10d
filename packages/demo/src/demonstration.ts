/**
 * The demonstration of the service: everything except the processes, which the command runs.
 * @module
 */
import { rm } from "node:fs/promises"
import { join } from "node:path"
import { compact } from "@nightlight/core"
import { type CustodianClient, createCustodianClient, readConfig } from "@nightlight/custodian"
import { fill } from "./day/fill.ts"
import { type Heartbeat, startHeartbeat } from "./day/guard.ts"
import { enrolmentCode } from "./day/invite-people.ts"
import { type Material, startMaterial } from "./day/material.ts"
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

/** An installation whose processes run and whose custodian is unlocked. */
export interface RunningService {
  readonly origin: string
  /** The first administrator's set-up link; empty after set-up. */
  readonly setupLink: string
  /** Makes the host's one-time codes that open people's links. Keys are ids of people. */
  readonly joiningCodes: (people: readonly string[]) => Promise<ReadonlyMap<string, string>>
}

/** A demonstration's folder, and the simulator of the CyberTipline, which runs until this is disposed of. */
export interface Demonstration extends AsyncDisposable {
  /** Accounts of an earlier start. */
  readonly accounts: DemoAccounts | undefined
  /**
   * Fills the data folder before the processes start.
   *
   * @param makeServiceFolders - Makes the custodian and the server's configuration, and returns the configuration's path.
   * @returns The custodian's passphrase.
   */
  prepare(makeServiceFolders: (passphrase: string) => Promise<string>): Promise<string>
  /** Fills the running service if that was not done before, and starts the guard's heartbeats. */
  start(service: RunningService): Promise<DemoAccounts>
  /** Sends the guard's last heartbeat. Must be called before the service stops. */
  stop(): Promise<void>
}

/**
 * Opens a demonstration: begins one in a new folder, continues the one in an older folder. If the signal aborted,
 * disposing of it removes a folder that is not finished.
 *
 * @throws {RequestError} `output_conflict`, `state_conflict` as {@link openDemoFolder}.
 */
export async function openDemonstration(
  folder: string,
  signal: AbortSignal,
  onStep: (words: string) => void,
): Promise<Demonstration> {
  const before = await openDemoFolder(folder)
  const simulator = await startReceiver()
  const accountsOf = (url: string, people: readonly DemoPerson[]) => ({
    url,
    folder,
    passphrase: DEMO_PASSPHRASE,
    people,
  })
  let isMade = before !== undefined
  let material: Promise<Material> | undefined
  let heartbeat: Heartbeat | undefined
  return {
    accounts: before?.url === undefined ? undefined : accountsOf(before.url, before.people),
    prepare: async (makeServiceFolders) => {
      if (before === undefined) {
        onStep("making a demonstration of generated shapes: less than a minute")
        await prepareFolder(folder, makeServiceFolders)
      }
      await pinReceiver(folder, simulator)
      if (before === undefined) material = startMaterial(folder, signal)
      return DEMO_PASSPHRASE
    },
    start: async (service) => {
      const custodian = createCustodianClient(
        (await readConfig(join(custodianFolder(folder), "custodian.yaml"))).socket,
      )
      const filled =
        material === undefined
          ? before
          : await fill({ ...service, custodian, material: await material, simulator, signal, onStep })
      const people = await withCodes(custodian, filled?.people ?? [])
      const chatKey = filled?.chatKey
      await writeDemo(folder, compact({ state: "ready", url: service.origin, people, chatKey }))
      isMade = true
      if (chatKey !== undefined) heartbeat = await startHeartbeat(service.origin, folder, chatKey)
      return accountsOf(service.origin, people)
    },
    stop: async () => {
      await heartbeat?.stop()
    },
    [Symbol.asyncDispose]: async () => {
      await simulator.close()
      if (isMade || !signal.aborted) return
      await material?.then(({ ended }) => ended)
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** Makes a new one-time code for everybody who signs and has not enrolled a key yet. */
async function withCodes(custodian: CustodianClient, people: readonly DemoPerson[]): Promise<DemoPerson[]> {
  const enrolments = (await custodian.enrolments()).people.filter(({ revokedAt }) => revokedAt === undefined)
  const keys = new Map(enrolments.map(({ person, publicKey }) => [person, publicKey]))
  const coded: DemoPerson[] = []
  for (const { enrolmentCode: _, ...person } of people) {
    const key = keys.get(person.id)
    const isEnrolled = key !== undefined && key !== person.seedKey
    const code = isEnrolled ? undefined : await enrolmentCode({ custodian }, person.id, person.role)
    coded.push(compact({ ...person, enrolmentCode: code }))
  }
  return coded
}
