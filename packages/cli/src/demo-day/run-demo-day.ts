/**
 * What `nightlight up --demo` does, from an empty folder to the last process's end.
 * @module
 */
import { rm } from "node:fs/promises"
import { join } from "node:path"
import { compact, hasCode } from "@nightlight/core"
import { createCustodianClient, readConfig } from "@nightlight/custodian"
import { DEMO_PASSPHRASE } from "@nightlight/dataset"
import { assertNoPassphraseVariable } from "../terminal/passphrase.ts"
import { custodianDir } from "../up/custodian.ts"
import { startInstallation } from "../up/installation.ts"
import { createReporter } from "../up/reporter.ts"
import type { UpOptions } from "../up/run-up.ts"
import { untilAborted } from "../up/until-aborted.ts"
import { makeCodes } from "./codes.ts"
import { type Demo, type DemoPerson, openDemoFolder, writeDemo } from "./folder.ts"
import { startGuardBeat } from "./guard-beat.ts"
import { invite } from "./hiring.ts"
import { type Material, startMaterial } from "./material.ts"
import { knownAs } from "./people.ts"
import { prepareDemo } from "./prepare.ts"
import { seed } from "./seed.ts"
import { pinStandIn, type StandIn, startStandIn } from "./stand-in.ts"
import { tell } from "./tell.ts"

/**
 * Runs a demonstration until the process is told to stop: in a new folder it is made first, in an older one it goes on.
 * Where it runs already, its people are printed, with their codes of the moment. The embedded database is used whatever
 * the environment says. Its keys' passphrase is a known one, so it takes none.
 *
 * @throws {RequestError} `input_invalid` if the environment holds a passphrase; `output_conflict`, `state_conflict` as
 *   {@link openDemoFolder}; as `startInstallation`.
 */
export async function runDemoDay(options: UpOptions): Promise<void> {
  const { io, dataDir, isJson } = options
  assertNoPassphraseVariable(io, "A demonstration needs none: unset it, as `env -u NIGHTLIGHT_PASSPHRASE` does.")
  const before = await openDemoFolder(dataDir)
  const standIn = await startStandIn()
  try {
    await runWith(options, standIn, before)
  } catch (error) {
    // Runs already: whoever asks again wants to know how to get in.
    if (!(hasCode(error, "locked") && before?.url !== undefined)) throw error
    tell(io, { url: before.url, folder: dataDir, people: before.people }, isJson)
  } finally {
    await standIn.simulator.close()
  }
}

async function runWith(
  { io, dataDir, port, adminPort, isJson }: UpOptions,
  standIn: StandIn,
  before: Demo | undefined,
): Promise<void> {
  const { signal } = io
  const reporter = createReporter(io, isJson)
  const onStep = (words: string) => io.err(`  ${words}\n`)
  let material: Promise<Material> | undefined
  let setupLink = ""
  const unlocked = Promise.withResolvers<void>()
  const prepare = async () => {
    if (before === undefined) {
      onStep("making a demonstration of generated shapes: less than a minute")
      await prepareDemo(dataDir)
    }
    await pinStandIn(dataDir, standIn)
    if (before === undefined) material = startMaterial(dataDir, signal)
    return DEMO_PASSPHRASE
  }
  let isMade = before !== undefined
  try {
    const installation = await startInstallation({
      dataDir,
      port,
      adminPort,
      env: {},
      signal,
      prepare,
      asks: false,
      onEvent: reporter.part,
      // Its stand-in for NCMEC has another port each time, and its passphrase is no secret.
      unlocking: { again: true, acceptConfig: true },
      onUnlocked: (problem) => {
        reporter.unlocked(problem)
        unlocked.resolve()
      },
      onSetupLink: ({ url }) => {
        setupLink = url
      },
    })
    try {
      const url = `http://localhost:${installation.port}`
      await Promise.race([unlocked.promise, untilAborted(signal)])
      signal.throwIfAborted()
      const custodian = createCustodianClient((await readConfig(join(custodianDir(dataDir), "custodian.yaml"))).socket)
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
              onStep,
              codesFor: (people) => makeCodes(dataDir, people),
            })
      const people = await withCodes(custodian, made?.people ?? [])
      const chatKey = made?.chatKey
      await writeDemo(dataDir, compact({ state: "ready", url, people, chatKey }))
      isMade = true
      const beat = chatKey === undefined ? undefined : await startGuardBeat({ origin: url, dataDir, key: chatKey })
      reporter.ready(installation)
      tell(io, { url, folder: dataDir, people }, isJson)
      await untilAborted(signal)
      await beat?.stop()
    } finally {
      reporter.stopping()
      await installation.stop()
    }
  } catch (error) {
    if (!signal.aborted) throw error
    // Told to stop while it was made: nothing in it is worth keeping.
    if (isMade) return reporter.stopped()
    await material?.then(({ ended }) => ended)
    await rm(dataDir, { recursive: true, force: true })
  }
  reporter.stopped()
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
  const told: DemoPerson[] = []
  for (const { enrolmentCode: _, ...person } of people) {
    const { id, role, seedKey } = person
    const known = knownAs(role)
    const key = enrolled.get(id)
    if (known === undefined || (key !== undefined && key !== seedKey)) told.push(person)
    else told.push({ ...person, enrolmentCode: (await invite({ custodian }, id, known)).code })
  }
  return told
}
