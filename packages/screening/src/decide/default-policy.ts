/**
 * The policy that ships with Nightlight.
 * @module
 */
import { readFile } from "node:fs/promises"
import { type Clock, systemClock } from "@nightlight/core"
import { loadPolicy, type Policy } from "./policy.ts"

/** The text of the default policy's files with their comments; `nightlight init` copies them into a workspace. */
export interface DefaultPolicyText {
  readonly text: string
  readonly testsText: string
}

/** Reads the default policy's files from the package. */
export async function readDefaultPolicy(): Promise<DefaultPolicyText> {
  const [text, testsText] = await Promise.all(
    ["default.yaml", "default.tests.yaml"].map((name) =>
      readFile(new URL(`../../policy/${name}`, import.meta.url), "utf8"),
    ),
  )
  return { text: text ?? "", testsText: testsText ?? "" }
}

/** Loads the default policy. */
export async function loadDefaultPolicy(clock: Clock = systemClock): Promise<Policy> {
  const { text, testsText } = await readDefaultPolicy()
  return loadPolicy(text, { fileName: "default.yaml", testsText, clock })
}
