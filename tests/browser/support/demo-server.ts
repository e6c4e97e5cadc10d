/**
 * A whole installation with a day's cases, as `nightlight up --demo` starts it: real database, server, worker and
 * custodian, each its own process, with the simulator as the CyberTipline.
 */
import { existsSync, mkdtempSync, realpathSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import type { CookieCalls } from "@nightlight/dev-env/command/cookie-calls"
import { type DemoPerson, signInTo } from "@nightlight/dev-env/command/demo-person"
import { startUp } from "@nightlight/dev-env/command/up-process"
import { inject } from "vitest"
import { copyDemo } from "./template.ts"

/** Time limit of a file's `beforeAll`: the first file of a run creates the demonstration. */
export const DEMO_START_MS = 8 * 60_000

/** The built console, which the server serves. */
export const CONSOLE_PAGE = fileURLToPath(new URL("../../../packages/console/dist/index.html", import.meta.url))

/** A running demonstration. */
export interface DemoServer extends AsyncDisposable {
  /** Such as `http://localhost:40123`. */
  readonly origin: string
  /** Its data folder. */
  readonly folder: string
  readonly people: readonly DemoPerson[]
  /** The person with this name, such as `Reviewer One`. */
  person(name: string): DemoPerson
  /**
   * A client that calls the API as a person, beside the browser. It signs in only once, because each code must wait for
   * the next time step.
   */
  calls(name: string): Promise<CookieCalls>
}

/** Starts a demonstration that no other test has changed. */
export async function startDemoServer(): Promise<DemoServer> {
  if (!existsSync(CONSOLE_PAGE)) throw new Error("the console is not built: npm run build:console")
  const home = mkdtempSync(join(realpathSync(tmpdir()), "nl-page-"))
  const folder = join(home, "demo")
  await copyDemo(inject("demoFolder"), folder)
  const up = startUp(["--demo", "--data", folder])
  const told = (await up.next(({ event }) => event === "demo")) as unknown as {
    readonly url: string
    readonly people: readonly DemoPerson[]
  }
  const { url: origin, people } = told
  const person = (name: string): DemoPerson => {
    const found = people.find((one) => one.name === name)
    if (found === undefined) throw new Error(`nobody of the demonstration is called ${name}`)
    return found
  }
  const signedIn = new Map<string, Promise<CookieCalls>>()
  return {
    origin,
    folder,
    people,
    person,
    calls: async (name) => {
      const kept = await signedIn.get(name)
      if (kept !== undefined && (await kept.call("GET", "/v1/me")).status === 200) return kept
      const calls = signInTo(origin, person(name))
      signedIn.set(name, calls)
      return calls
    },
    [Symbol.asyncDispose]: async () => {
      up.child.kill("SIGTERM")
      await up.ended
      rmSync(home, { recursive: true, force: true })
    },
  }
}
