/**
 * Keeps blocks one after another at a place that the parent made: `ROOT KEYED_HEX COUNT`. Says each number once it is
 * kept.
 */
import { readFileSync, writeSync } from "node:fs"
import { join } from "node:path"
import { systemClock } from "@nightlight/core"
import { pictureBlock, textBlock } from "@nightlight/dev-env/guard/events"
import { toKeyedDigest } from "@nightlight/vault"
import { openIncidents } from "../../../src/incidents/open-incidents.ts"

const [root = "", hex = "", count = "1"] = process.argv.slice(2)
const incidents = await openIncidents({
  evidenceDir: join(root, "evidence"),
  spoolDir: join(root, "spool"),
  manifest: JSON.parse(readFileSync(join(root, "manifest.json"), "utf8")),
  keyed: toKeyedDigest(Buffer.from(hex, "hex")),
  custody: { mode: "seal", basis: "a test's own reasons" },
  sourceKey: async () => ({ keyId: "", sign: (body) => body }),
  record: async () => {},
  limits: { maxRecords: 1000, maxBytes: 1_000_000_000, perAccountDaily: 500, perKeyDaily: 500 },
  clock: systemClock,
  onAlarm: (code) => void writeSync(2, `${code}\n`),
  segmentBytes: 2500,
})
for (let n = 0; n < Number(count); n++) {
  const event = n % 2 === 0 ? textBlock(`words ${n}`) : pictureBlock(Buffer.from(`picture ${n}`))
  if ((await incidents.block(event)) === "kept") writeSync(1, `${n}\n`)
}
await incidents.close()
