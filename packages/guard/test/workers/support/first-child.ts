/**
 * The first process of a guard with workers: `ROOT UPSTREAM WORKERS`. The folder is made by the parent. Prints what
 * happens as a JSON object a line, and stops at the end of its input.
 */
import { readFileSync, writeSync } from "node:fs"
import { join } from "node:path"
import { systemClock } from "@nightlight/core"
import { loadDefaultPolicy } from "@nightlight/screening"
import { openVerifier, toKeyedDigest } from "@nightlight/vault"
import { createAccounts } from "../../../src/accounts/accounts.ts"
import { openIncidents, startGuard } from "../../../src/index.ts"
import { ACCOUNT_SECRET } from "./traffic.ts"

const [root = "", upstreamUrl = "", workers = "2"] = process.argv.slice(2)
const say = (message: object) => void writeSync(1, `${JSON.stringify(message)}\n`)
const place = join(root, "place")
const incidents = await openIncidents({
  evidenceDir: join(place, "evidence"),
  spoolDir: join(place, "spool"),
  manifest: JSON.parse(readFileSync(join(root, "manifest.json"), "utf8")),
  keyed: toKeyedDigest(Buffer.alloc(32, 7)),
  custody: { mode: "seal", basis: "a test's own reasons" },
  sourceKey: async () => ({ keyId: "", sign: (body) => body }),
  record: async () => {},
  limits: { maxRecords: 1000, maxBytes: 1_000_000_000, perAccountDaily: 500, perKeyDaily: 500 },
  clock: systemClock,
  onAlarm: (code) => say({ event: "alarm", code }),
})
const guard = await startGuard({
  configPath: join(root, "guard.yaml"),
  workspace: {
    indexDir: join(root, "index"),
    verifier: await openVerifier(join(root, "signing.pem.pub")),
    policy: await loadDefaultPolicy(),
  },
  upstreamUrl,
  port: 0,
  adminPort: 0,
  decoderProcesses: 1,
  checkEveryMs: 20,
  workers: Number(workers),
  incidents,
  accounts: createAccounts({
    digestKey: Buffer.alloc(32, 7),
    keyOf: () => ({ kind: "hmac", secret: ACCOUNT_SECRET }),
  }),
  onEvent: say,
})
say({ url: guard.url, adminUrl: guard.adminUrl })
process.stdin.resume().on("end", () => void guard.stop(2_000))
