/**
 * What there is to be found in a demonstration, made while the service starts: lists, scans, sealed exchanges.
 * @module
 */
import { join } from "node:path"
import { openWorkspace, runScan, type Workspace, writeListHashes } from "@nightlight/dataset"
import { makeShard, type PlannedDataset, planDatasets } from "./datasets.ts"
import { type ChatService, openChatService, planExchanges, type SealedExchange } from "./exchanges.ts"
import { importDemoLists } from "./lists.ts"
import { listedSeeds } from "./pictures.ts"
import { snapshotPath } from "./stand-in.ts"

/** The list that may be trusted to file without a person. */
const FILING_LIST = "known-shapes"

/** What was made, or is being made: whoever needs a part waits for it. */
export interface Material {
  readonly workspace: Workspace
  readonly chat: Promise<ChatService>
  readonly exchanges: Promise<readonly SealedExchange[]>
  /** Names of the scans. */
  readonly firstScan: Promise<string>
  readonly secondScan: Promise<string>
  /** When nothing is being made any more, however it ended. */
  readonly ended: Promise<unknown>
}

/** Starts to make it; one thing after the other, in the order in which it is needed. */
export async function startMaterial(dataDir: string, signal: AbortSignal): Promise<Material> {
  const workspace = await openWorkspace(dataDir)
  const nextSeed = listedSeeds()
  const [first, second] = planDatasets(nextSeed)
  const planned = planExchanges(nextSeed)
  const lists = importDemoLists(workspace, [...first.plants, ...second.plants, ...planned], signal).then(async () => {
    // As the custodian's operator does of the lists that may file without a person.
    await writeListHashes(workspace, FILING_LIST, snapshotPath(dataDir, FILING_LIST))
  })
  const chat = openChatService(join(dataDir, "demo", "chat-service"), workspace)
  const exchanges = lists.then(async () => {
    const sealed: SealedExchange[] = []
    for (const exchange of planned) sealed.push(await (await chat).seal(exchange))
    return [...sealed, ...(await oddOnes(await chat))]
  })
  const firstScan = exchanges.then(() => scan(first))
  const secondScan = firstScan.then(() => scan(second))
  // Whoever waits for a part is told how it failed; until somebody does, that is nobody's.
  const ended = Promise.allSettled([lists, chat, exchanges, firstScan, secondScan])
  return { workspace, chat, exchanges, firstScan, secondScan, ended }

  async function scan(dataset: PlannedDataset): Promise<string> {
    const folder = join(dataDir, "demo", "datasets", dataset.name)
    await makeShard(folder, dataset)
    const out = join(dataDir, "demo", "clean", dataset.name)
    const { report } = await runScan(workspace, { inputs: [folder], out }, {}, signal)
    return report.scan
  }
}

/** One that matches nothing, and one whose sealed context speaks of another find. */
async function oddOnes(chat: ChatService): Promise<readonly SealedExchange[]> {
  const odd = { list: "known-shapes", kind: "exact", direction: "request", account: "user-9001" } as const
  return [
    await chat.seal({ ...odd, seed: 1_000_001, script: 101 }),
    await chat.seal({ ...odd, seed: 1_000_002, script: 102 }, { asOther: true }),
  ]
}
