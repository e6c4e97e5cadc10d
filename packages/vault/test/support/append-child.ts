/** Appends events one after another: `DIR SIGNING_KEY COPY NAME COUNT`. Says each seq once it is in the log. */
import { writeSync } from "node:fs"
import { systemClock } from "@nightlight/core"
import { openAuditLog } from "../../src/audit.ts"
import { openSigner } from "../../src/index.ts"

const [dir = "", key = "", copy = "", name = "", count = "1"] = process.argv.slice(2)
const signer = await openSigner(key)
const log = await openAuditLog(dir, { signer, clock: systemClock, checkpointCopy: copy, checkpointEvery: 3 })
for (let n = 0; n < Number(count); n++) {
  const { seq } = await log.append({ type: "scan.started", actor: name, data: { items: n } })
  writeSync(1, `${seq}\n`)
}
await log.close()
