/**
 * The demonstration of the service, from an empty folder to the last process's end.
 * @module
 */
import { rm } from "node:fs/promises"
import { join } from "node:path"
import { compact, hasCode } from "@nightlight/core"
import { createCustodianClient, readConfig } from "@nightlight/custodian"
import { type Demo, type DemoPerson, openDemoFolder, writeDemo } from "./day/folder.ts"
import { startGuardBeat } from "./day/guard-beat.ts"
import { invite } from "./day/invite-people.ts"
import { type Material, startMaterial } from "./day/material.ts"
import { knownAs } from "./day/people.ts"
import { prepareDemo } from "./day/prepare.ts"
import { seed } from "./day/seed.ts"
import { pinStandIn, type StandIn, startStandIn } from "./day/stand-in.ts"
import { DEMO_PASSPHRASE } from "./screen-dataset.ts"

/** The accounts of a demonstration, and where they sign in. */
export interface DemoAccounts {
  readonly url: string
  readonly folder: string
  /** What opens the custodian's keys. */
  readonly passphrase: string
  readonly people: readonly DemoPerson[]
}

/** What the demonstration does while its processes start. */
export interface StartHooks {
  /** Fills the data folder, which is held by then. Returns the custodian's passphrase. */
  readonly prepare: () => Promise<string>
  /** Is told the link by which the first administrator comes in. */
  readonly onSetupLink: (url: string) => void
}

/** Runs the processes of a demonstration and talks to the person who asked for it. */
export interface DemoHost {
  /** Makes the custodian and the server's configuration in the data folder. Returns the configuration's path. */
  makeServiceFolders(passphrase: string): Promise<string>
  /** Starts every process; resolves when calls are answered and the custodian is unlocked. */
  start(hooks: StartHooks): Promise<{ readonly port: number; stop(): Promise<void> }>
  /** Makes the one-time codes that people's links open with; by person. */
  readonly joiningCodes: (people: readonly string[]) => Promise<ReadonlyMap<string, string>>
  readonly onStep: (words: string) => void
  /** The demonstration stands. Resolves when the process is told to stop. */
  ready(accounts: DemoAccounts): Promise<void>
  /** A demonstration runs in this folder already. */
  runsAlready(accounts: DemoAccounts): void
  stopped(): void
}

/** Where a demonstration is made, and by whom. */
export interface DemonstrationRequest {
  readonly dataDir: string
  readonly host: DemoHost
  readonly signal: AbortSignal
}

/**
 * Runs a demonstration until the process is told to stop. In a new folder it is made first, in an older one it goes on.
 *
 * @throws {RequestError} `output_conflict`, `state_conflict` as {@link openDemoFolder}; as {@link DemoHost.start}.
 */
export async function runDemonstration(request: DemonstrationRequest): Promise<void> {
  const { dataDir, host } = request
  const before = await openDemoFolder(dataDir)
  const standIn = await startStandIn()
  try {
    await runWith(request, standIn, before)
  } catch (error) {
    // Whoever asks again wants to know how to get in.
    if (!(hasCode(error, "locked") && before?.url !== undefined)) throw error
    host.runsAlready(accountsOf(dataDir, before.url, before.people))
  } finally {
    await standIn.simulator.close()
  }
}

function accountsOf(folder: string, url: string, people: readonly DemoPerson[]): DemoAccounts {
  return { url, folder, passphrase: DEMO_PASSPHRASE, people }
}

async function runWith(
  { dataDir, host, signal }: DemonstrationRequest,
  standIn: StandIn,
  before: Demo | undefined,
): Promise<void> {
  let material: Promise<Material> | undefined
  let setupLink = ""
  const prepare = async () => {
    if (before === undefined) {
      host.onStep("making a demonstration of generated shapes: less than a minute")
      await prepareDemo(dataDir, host)
    }
    await pinStandIn(dataDir, standIn)
    if (before === undefined) material = startMaterial(dataDir, signal)
    return DEMO_PASSPHRASE
  }
  let isMade = before !== undefined
  try {
    const onSetupLink = (url: string) => {
      setupLink = url
    }
    const installation = await host.start({ prepare, onSetupLink })
    try {
      const url = `http://localhost:${installation.port}`
      const custodian = createCustodianClient((await readConfig(join(dataDir, "custodian", "custodian.yaml"))).socket)
      const { simulator } = standIn
      const made =
        material === undefined
          ? before
          : await seed({
              origin: url,
              setupLink,
              custodian,
              material: await material,
              simulator,
              signal,
              onStep: host.onStep,
              codesFor: host.joiningCodes,
            })
      const people = await withCodes(custodian, made?.people ?? [])
      const chatKey = made?.chatKey
      await writeDemo(dataDir, compact({ state: "ready", url, people, chatKey }))
      isMade = true
      const beat = chatKey === undefined ? undefined : await startGuardBeat({ origin: url, dataDir, key: chatKey })
      await host.ready(accountsOf(dataDir, url, people))
      await beat?.stop()
    } finally {
      await installation.stop()
    }
  } catch (error) {
    if (!signal.aborted) throw error
    // Told to stop while it was made: nothing in it is worth keeping.
    if (!isMade) {
      await material?.then(({ ended }) => ended)
      await rm(dataDir, { recursive: true, force: true })
    }
  }
  host.stopped()
}

/** Gives a new one-time code to everybody who has not brought a key yet. */
async function withCodes(
  custodian: ReturnType<typeof createCustodianClient>,
  people: readonly DemoPerson[],
): Promise<DemoPerson[]> {
  const enrolled = new Map(
    (await custodian.enrolments()).people
      .filter(({ revokedAt }) => revokedAt === undefined)
      .map(({ person, publicKey }) => [person, publicKey]),
  )
  const coded: DemoPerson[] = []
  for (const { enrolmentCode: _, ...person } of people) {
    const { id, role, seedKey } = person
    const known = knownAs(role)
    const key = enrolled.get(id)
    if (known === undefined || (key !== undefined && key !== seedKey)) coded.push(person)
    else coded.push({ ...person, enrolmentCode: (await invite({ custodian }, id, known)).code })
  }
  return coded
}
