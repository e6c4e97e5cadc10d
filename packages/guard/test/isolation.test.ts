import { execFileSync } from "node:child_process"
import { join } from "node:path"
import { commandWithout, EVERY_ISOLATOR, skipUnlessGranted } from "@nightlight/dev-env/machine/isolations"
import { expect, it } from "vitest"

const BARE = join(import.meta.dirname, "support/bare-guard.ts")

it("the guard starts without isolated decoders only where that is accepted by name, and says so", ({ skip }) => {
  skipUnlessGranted("unshare", skip)
  const node = [process.execPath, "--no-warnings", "--conditions=@nightlight/source", BARE]
  const { file, args } = commandWithout(EVERY_ISOLATOR, [...node, "", "decoder: { withoutIsolation: accept }"])

  const [refused, accepted] = execFileSync(file, args, { encoding: "utf8", timeout: 30_000 })
    .trim()
    .split("\n")
    .map((line): unknown => JSON.parse(line))

  expect(refused).toEqual({
    code: "decoder_not_isolated",
    hint: expect.stringMatching(/bubblewrap.*decoder: \{ withoutIsolation: accept \}/),
  })
  expect(accepted).toMatchObject({
    status: 200,
    said: {
      ready: true,
      isolation: "none",
      decoding: "accepted",
      faults: expect.arrayContaining(["decoder_not_isolated"]),
    },
  })
})
