/**
 * Starts guards one after another, one with each configuration given as an argument, and says of each what became of it:
 * the code and hint of its refusal, or what its readiness says of decoding. Run where nothing isolates a decoder.
 */
import { NightlightError } from "@nightlight/core"
import { CONFIG, PATTERNS } from "@nightlight/dev-env/guard/guard"
import { makeWorkspace } from "@nightlight/dev-env/guard/workspace"
import { startGuard } from "../../src/index.ts"

for (const more of process.argv.slice(2)) {
  await using workspace = await makeWorkspace([Buffer.from("known")])
  workspace.configure(`${CONFIG}${more}\n`)
  workspace.write("patterns.yaml", PATTERNS)
  const { configPath, guard } = workspace
  try {
    const running = await startGuard({
      configPath,
      workspace: guard,
      upstreamUrl: "http://127.0.0.1:9/v1",
      port: 0,
      adminPort: 0,
      decoderProcesses: 1,
    })
    const answer = await fetch(`${running.adminUrl}/readyz`)
    console.log(JSON.stringify({ status: answer.status, said: await answer.json() }))
    await running.stop(0)
  } catch (error) {
    if (!(error instanceof NightlightError)) throw error
    console.log(JSON.stringify({ code: error.code, hint: error.hint }))
  }
}
