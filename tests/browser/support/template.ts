/**
 * The demonstration that every console test starts from: created once per run and copied for each test file, so that no
 * file sees another's changes.
 */
import { execFile } from "node:child_process"
import { existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs"
import { readFile, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as wait } from "node:timers/promises"
import { promisify } from "node:util"
import { startUp } from "@nightlight/dev-env/command/up-process"
import type { TestProject } from "vitest/node"

declare module "vitest" {
  interface ProvidedContext {
    /** The run's folder for the demonstration. */
    readonly demoFolder: string
  }
}

const POLL_MS = 250
const PATIENCE_MS = 6 * 60_000

/**
 * Vitest's global set-up: a folder that is deleted after the run. It stays empty unless a test needs the demonstration.
 */
export function setup(project: TestProject): () => void {
  const folder = mkdtempSync(join(realpathSync(tmpdir()), "nl-demo-"))
  project.provide("demoFolder", folder)
  return () => rmSync(folder, { recursive: true, force: true })
}

/** Copies the run's demonstration to a new folder; the first caller creates it. */
export async function copyDemo(demoFolder: string, to: string): Promise<void> {
  const template = join(demoFolder, "demo")
  const marks = { made: join(demoFolder, "made"), failed: join(demoFolder, "failed") }
  if (begins(join(demoFolder, "begun"))) {
    await makeDemo(template).then(
      () => writeFileSync(marks.made, ""),
      (error: unknown) => {
        writeFileSync(marks.failed, String(error))
        throw error
      },
    )
  }
  const deadlineMs = Date.now() + PATIENCE_MS
  while (!existsSync(marks.made)) {
    if (existsSync(marks.failed)) throw new Error(`the demonstration: ${await readFile(marks.failed, "utf8")}`)
    if (Date.now() > deadlineMs) throw new Error("the demonstration is not made in time")
    await wait(POLL_MS)
  }
  await promisify(execFile)("cp", ["-a", template, to])
  const config = join(to, "custodian", "custodian.yaml")
  await writeFile(config, (await readFile(config, "utf8")).replaceAll(template, to), { mode: 0o600 })
}

async function makeDemo(template: string): Promise<void> {
  const up = startUp(["--demo", "--data", template])
  await up.next(({ event }) => event === "demo")
  up.child.kill("SIGTERM")
  const { code, err } = await up.ended
  if (code !== 0) throw new Error(`it ended with ${code}: ${err}`)
}

function begins(mark: string): boolean {
  try {
    mkdirSync(mark)
    return true
  } catch {
    return false
  }
}
