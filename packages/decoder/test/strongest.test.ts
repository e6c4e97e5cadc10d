import { execFileSync } from "node:child_process"
import { join } from "node:path"
import { DependencyError, type Isolation } from "@nightlight/core"
import { commandWithout, GRANTED_ISOLATIONS, skipUnlessGranted } from "@nightlight/dev-env/machine/isolations"
import { describe, expect, it } from "vitest"
import { startStrongest } from "../src/isolation/strongest.ts"

const LOOKER = join(import.meta.dirname, "stubs/looks-for-isolation.ts")

const [BEST = "none"] = GRANTED_ISOLATIONS

/** Runs a program where the given system programs exist but fail. */
function runWithout(programs: readonly string[]): unknown {
  const { file, args } = commandWithout(programs, [process.execPath, "--conditions=@nightlight/source", LOOKER])
  return JSON.parse(execFileSync(file, args, { encoding: "utf8" }))
}

describe("the isolation of a process's decoders", () => {
  it("is the strongest that this system supports", () => {
    const said: unknown = JSON.parse(
      execFileSync(process.execPath, ["--conditions=@nightlight/source", LOOKER], { encoding: "utf8" }),
    )
    expect(said).toMatchObject({ isolations: Array(4).fill(BEST) })
  })

  it.for<readonly [readonly string[], Isolation, string]>([
    [["bwrap"], "unshare", "started"],
    [["bwrap", "setpriv"], "none", "decoder_not_isolated"],
  ])(
    "is found by starting a child: when the existing programs %j fail it is %s, and one that needs isolation gets %s",
    ([programs, expected, outcome], { skip }) => {
      skipUnlessGranted("bwrap", skip)
      skipUnlessGranted("unshare", skip)
      expect(runWithout(programs)).toEqual({ isolations: Array(4).fill(expected), isolated: Array(4).fill(outcome) })
    },
  )

  it("never becomes weaker after a later failure", async () => {
    const isolation = await startStrongest("auto", async (tried) => tried)
    const tries: Isolation[] = []
    const fail = (tried: Isolation) => {
      tries.push(tried)
      return Promise.reject(new DependencyError("decoder_unavailable", "no child starts"))
    }

    await expect(startStrongest("auto", fail)).rejects.toMatchObject({ code: "decoder_unavailable" })

    expect(tries).toEqual([isolation])
  })
})
