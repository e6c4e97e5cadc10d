/** Rewraps every piece of evidence: `DIR KEY_FILE MANIFEST PUBLIC_KEY LOG`, identity by the environment. */
import { appendFileSync, writeSync } from "node:fs"
import { systemClock } from "@nightlight/core"
import {
  activeRecipients,
  headersFor,
  openEvidenceStore,
  openKeyedDigest,
  openVerifier,
  readManifest,
} from "../../src/index.ts"

const [dir = "", digestKey = "", manifestPath = "", publicKey = "", log = ""] = process.argv.slice(2)
const manifest = await readManifest(manifestPath, await openVerifier(publicKey))
const keyedDigest = await openKeyedDigest(digestKey)
const store = await openEvidenceStore(dir, { manifest, keyedDigest, clock: systemClock })
const makeHeader = headersFor(
  [process.env["TEST_IDENTITY"] ?? ""],
  activeRecipients(manifest).map(({ recipient }) => recipient),
)
for await (const listing of store.list()) {
  if (!listing.ok) continue
  const { evidenceId } = listing.row
  await store.rewrap(evidenceId, {
    makeHeader,
    record: async (change) => appendFileSync(log, `${JSON.stringify(change)}\n`),
  })
  writeSync(1, `${evidenceId}\n`)
}
