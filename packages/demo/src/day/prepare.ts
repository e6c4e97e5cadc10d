/**
 * The parts of a demonstration's folder that are there before anything runs: workspace, custodian, configuration.
 * @module
 */
import { readFile } from "node:fs/promises"
import { initWorkspace } from "@nightlight/dataset"
import { writeFileAtomic } from "@nightlight/durable"
import { parseDocument } from "yaml"
import type { DemoHost } from "../run-demonstration.ts"
import { DEMO_PASSPHRASE } from "../screen-dataset.ts"

/** Quick to unlock: there is nothing to protect. */
const WORK_FACTOR = 12

const SETTINGS: readonly (readonly [path: string, value: unknown])[] = [
  ["demo", true],
  ["organisation.company", "Example Pictures (demonstration)"],
  [
    "organisation.contact",
    { firstName: "Trust", lastName: "Desk", email: "trust.desk@example.org", phone: "+1 202 555 0100" },
  ],
  ["organisation.termsUrl", "https://pictures.example/terms"],
  ["organisation.legalUrl", "https://pictures.example/law-enforcement"],
  // What a second person decides again follows from the case alone, so that every demonstration begins the same way.
  ["review.secondReviewSampling", 0],
]

/** Makes workspace, custodian and the server's configuration in a new demonstration's folder. */
export async function prepareDemo(dataDir: string, host: Pick<DemoHost, "makeServiceFolders">): Promise<void> {
  await initWorkspace(dataDir, {
    custody: "seal",
    basis: "a demonstration of generated shapes",
    custodians: [],
    passphrase: DEMO_PASSPHRASE,
    workFactor: WORK_FACTOR,
  })
  const config = await host.makeServiceFolders(DEMO_PASSPHRASE)
  const document = parseDocument(await readFile(config, "utf8"))
  for (const [path, value] of SETTINGS) document.setIn(path.split("."), value)
  await writeFileAtomic(config, document.toString(), 0o600)
}
