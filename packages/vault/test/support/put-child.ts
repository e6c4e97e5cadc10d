/** Puts items one after another: `DIR KEY_FILE MANIFEST PUBLIC_KEY FIRST COUNT`. Says each id once it is kept. */
import { writeSync } from "node:fs"
import { systemClock } from "@nightlight/core"
import { openEvidenceStore, openKeyedDigest, openVerifier, readManifest } from "../../src/seal.ts"
import { sha256 } from "./workspace-content.ts"

const [dir = "", digestKey = "", manifestPath = "", publicKey = "", first = "0", count = "1"] = process.argv.slice(2)
const manifest = await readManifest(manifestPath, await openVerifier(publicKey))
const keyedDigest = await openKeyedDigest(digestKey)
const store = await openEvidenceStore(dir, { manifest, keyedDigest, clock: systemClock })
for (let n = Number(first); n < Number(first) + Number(count); n++) {
  const content = new Uint8Array(1000 + 40_000 * (n % 3)).fill(n)
  await store.put({ evidenceId: `item-${n}`, provenance: { n }, content, contentSha256: sha256(content) })
  writeSync(1, `item-${n}\n`)
}
