import { spawn } from "node:child_process"
import { once } from "node:events"
import { fileURLToPath } from "node:url"
import { makeSite, PASSPHRASE, type Site } from "@nightlight/dev-env/custodian/folders"
import { post } from "@nightlight/dev-env/custodian/people"
import { picture } from "@nightlight/dev-env/custodian/pictures"
import { journalOf, serveSite } from "@nightlight/dev-env/custodian/serving"
import { commandWithout, EVERY_ISOLATOR, skipUnlessGranted } from "@nightlight/dev-env/machine/isolations"
import { describe, expect, it, onTestFinished } from "vitest"
import { createCustodianClient, readConfig } from "../src/index.ts"
import { custodianLayout } from "../src/layout.ts"

const MAIN = fileURLToPath(new URL("../src/main.ts", import.meta.url))

/** Runs a site's custodian where nothing isolates a decoder, given its passphrase at the start. */
async function runBare({ dir }: Site, ...flags: readonly string[]) {
  const node = [process.execPath, "--no-warnings", "--conditions=@nightlight/source"]
  const { file, args } = commandWithout(EVERY_ISOLATOR, [...node, MAIN, dir, "--passphrase-stdin", ...flags])
  const child = spawn(file, args, { stdio: ["pipe", "pipe", "inherit"] })
  const stop = async () => {
    const ended = child.exitCode === null ? once(child, "exit") : undefined
    child.kill("SIGTERM")
    await ended
  }
  onTestFinished(stop)
  child.stdin.end(`${PASSPHRASE}\n`)
  await once(child.stdout, "data")
  const { socket } = await readConfig(custodianLayout(dir).config)
  return { socket, client: createCustodianClient(socket), stop }
}

describe("a custodian where nothing isolates a decoder", () => {
  it("stays locked, says why and what to do, and serves no evidence, until the operator accepts that by name", async ({
    skip,
  }) => {
    skipUnlessGranted("unshare", skip)
    const site = await makeSite()
    const evidence = await site.seal({ evidenceId: "item-1", content: await picture() })
    const body = { evidence, findingId: "finding-item-1" }
    const refused = await runBare(site)

    await expect(refused.client.unlock(PASSPHRASE)).rejects.toMatchObject({
      code: "decoder_not_isolated",
      hint: expect.stringMatching(/bubblewrap.*custodian\.yaml: decoder: \{ withoutIsolation: accept \}/),
    })
    expect(await refused.client.state()).toMatchObject({ state: "locked", isolation: "none", decoding: "refused" })
    expect(await post(refused.socket, "/v1/intake", body)).toMatchObject({ status: 409, body: { reason: "locked" } })
    expect((await journalOf(site.dir, "request.refused")).map(({ data }) => [data["route"], data["why"]])).toEqual([
      ["start", "decoder_not_isolated"],
      ["POST-v1-unlock", "decoder_not_isolated"],
      ["POST-v1-intake", "locked"],
    ])
    await refused.stop()

    await site.configure({ decoder: { withoutIsolation: "accept" } })
    const accepted = await runBare(site, "--accept-config")
    expect(await accepted.client.state()).toMatchObject({ state: "ready", isolation: "none", decoding: "accepted" })
    expect(await post(accepted.socket, "/v1/intake", body)).toMatchObject({
      status: 200,
      body: { content: "verified" },
    })
  })
})

it("says how far decoders are isolated where they are, accepted or not", async ({ skip }) => {
  skipUnlessGranted("unshare", skip)
  for (const withoutIsolation of ["refuse", "accept"]) {
    const { socket } = await serveSite({ config: { decoder: { withoutIsolation } } })
    const state = await createCustodianClient(socket).state()
    expect(state).toMatchObject({ state: "ready", decoding: "isolated" })
    expect(state.isolation).not.toBe("none")
  }
})
