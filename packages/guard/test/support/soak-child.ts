/** A guard with a real spool and accounts, in a process of its own: `UPSTREAM`. Tells its memory and connections when it is asked. */
import { createHash } from "node:crypto"
import { CONFIG, imageException, PATTERNS } from "@nightlight/dev-env/guard/guard"
import { makePlace, open } from "@nightlight/dev-env/guard/place"
import { makeWorkspace } from "@nightlight/dev-env/guard/workspace"
import { createAccounts } from "../../src/accounts/accounts.ts"
import { startGuard } from "../../src/index.ts"
import { ACCOUNT_DAILY, SOAK_CALLER, SOAK_KEY, SOAK_SECRET } from "./soak-traffic.ts"

const workspace = await makeWorkspace()
workspace.configure(`${CONFIG}${imageException()}upstream: { connections: 512, auth: none }\nkeysFile: keys.yaml\n`)
const sha256 = createHash("sha256").update(SOAK_KEY).digest("hex")
workspace.write("keys.yaml", `version: 1\nkeys:\n  - { id: ${SOAK_CALLER}, sha256: "${sha256}", trusted: true }\n`)
workspace.write("patterns.yaml", PATTERNS)
const place = await makePlace({
  limits: { maxRecords: 10_000, maxBytes: 1_000_000_000, perAccountDaily: ACCOUNT_DAILY, perKeyDaily: 5_000 },
})
const incidents = await open(place)
const never = Number.POSITIVE_INFINITY
const guard = await startGuard({
  configPath: workspace.configPath,
  workspace: workspace.guard,
  upstreamUrl: process.argv[2] ?? "",
  port: 0,
  adminPort: 0,
  decoderProcesses: 1,
  incidents,
  // No rung of the ladder: what bounds an account here is its share of the spool.
  accounts: createAccounts({
    digestKey: Buffer.alloc(32, 7),
    keyOf: () => ({ kind: "hmac", secret: SOAK_SECRET }),
    ladder: { warnAt: never, throttleAt: never, suspendAt: never, reviewAt: never },
  }),
})

process.on("message", (asked) => {
  if (asked === "stop") {
    void guard
      .stop(0)
      .then(() => place[Symbol.asyncDispose]())
      .then(() => workspace[Symbol.asyncDispose]())
      .then(() => process.disconnect())
    return
  }
  globalThis.gc?.()
  globalThis.gc?.()
  const { heapUsed, external } = process.memoryUsage()
  process.send?.({
    bytes: heapUsed + external,
    sockets: process.getActiveResourcesInfo().filter((name) => name === "TCPSocketWrap").length,
    spooled: incidents.state().spooled,
  })
})
process.send?.({ url: guard.url })
