/**
 * The whole installation with a day's cases, as `nightlight up --demo` starts it: real database, server, worker and
 * custodian, each its own process, and the simulator in the CyberTipline's place.
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

/** How long a file's `beforeAll` may take: the first one in a run makes the demonstration. */
export const DEMO_START_MS = 8 * 60_000

/** The built console, which the server serves. */
export const CONSOLE_PAGE = fileURLToPath(new URL("../../../packages/console/dist/index.html", import.meta.url))

/** A demonstration that runs. */
export interface DemoServer extends AsyncDisposable {
  /** Such as `http://localhost:40123`. */
  readonly origin: string
  /** Its data folder. */
  readonly folder: string
  readonly people: readonly DemoPerson[]
  /** The person of this name, such as `Reviewer One`. */
  person(name: string): DemoPerson
  /** Calls the API as somebody, beside the browser; signed in once, since each code waits for the one before. */
  calls(name: string): Promise<CookieCalls>
}

/** Starts one, untouched by any other test. */
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
