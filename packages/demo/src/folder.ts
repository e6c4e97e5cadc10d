/**
 * A demonstration's folder and its marker file, `demo.json`.
 * @module
 */
import { chmod, mkdir, readdir, readFile } from "node:fs/promises"
import { join } from "node:path"
import { inert, RequestError } from "@nightlight/core"
import { writeFileAtomic } from "@nightlight/durable"
import { z } from "zod"

const FILE = "demo.json"

const Demo = z.strictObject({
  format: z.literal("nightlight-demo/1"),
  url: z.string().exactOptional(),
  /** Empty until the demonstration is filled. */
  people: z.array(
    z.strictObject({
      id: z.string(),
      name: z.string(),
      email: z.string(),
      role: z.string(),
      password: z.string(),
      /** Base 32, for an authenticator app. */
      totpSecret: z.string(),
      /** Typed once to enrol a browser's new signing key. */
      enrolmentCode: z.string().exactOptional(),
    }),
  ),
})

type Demo = z.infer<typeof Demo>

/** A person of the demonstration, with their credentials. */
export type DemoPerson = Demo["people"][number]

async function readDemo(folder: string): Promise<Demo | undefined> {
  try {
    return Demo.parse(JSON.parse(await readFile(join(folder, FILE), "utf8")))
  } catch {
    return undefined
  }
}

/** Writes `demo.json` (0600). */
export async function writeDemo(folder: string, demo: Omit<Demo, "format">): Promise<void> {
  const text = JSON.stringify({ format: "nightlight-demo/1", ...demo }, undefined, 2)
  await writeFileAtomic(join(folder, FILE), `${text}\n`, 0o600)
}

/**
 * Opens a demonstration's folder, or makes it (0700) if there is none.
 *
 * @returns The existing demonstration; `undefined` for a new folder.
 * @throws {RequestError} `output_conflict` if the folder holds anything else; `state_conflict` if a demonstration was
 *   begun in it and never finished.
 */
export async function openDemoFolder(folder: string): Promise<Demo | undefined> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const demo = await readDemo(folder)
  if (demo?.people.length === 0) {
    throw new RequestError("state_conflict", "the demonstration in this folder is being made, or was never finished", {
      hint: `If no other command makes it now, delete ${inert(folder)} and start again.`,
    })
  }
  if (demo !== undefined) return demo
  if ((await readdir(folder)).length > 0) {
    throw new RequestError("output_conflict", "this folder holds something other than a demonstration of the service", {
      hint: "A demonstration never touches a real installation: name another folder by --data.",
    })
  }
  await chmod(folder, 0o700)
  await writeDemo(folder, { people: [] })
  return undefined
}

/**
 * Refuses a folder that is a demonstration.
 *
 * @throws {RequestError} `state_conflict`.
 */
export async function assertNoDemo(folder: string): Promise<void> {
  if ((await readDemo(folder)) === undefined) return
  throw new RequestError("state_conflict", "this folder is a demonstration", {
    hint: "Start it with --demo: it needs the simulator that stands for the CyberTipline.",
  })
}
