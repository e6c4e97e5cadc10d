/**
 * The lines of `nightlight doctor` about parts of a data folder that decode: whether each works where nothing isolates
 * a decoder.
 * @module
 */
import { readFile } from "node:fs/promises"
import { join } from "node:path"
import {
  type DecodingState,
  decodingState,
  type Isolation,
  isolationHint,
  memberOf,
  WITHOUT_ISOLATION,
  type WithoutIsolation,
} from "@nightlight/core"
import type { Check } from "@nightlight/dataset"
import { parse } from "yaml"

/** The parts that decode, and their configuration files in a data folder. */
const PARTS = [
  { name: "guard", file: "guard.yaml" },
  { name: "server", file: "server/server.yaml" },
  { name: "custodian", file: "custodian/custodian.yaml" },
] as const

/** Checks each configuration that exists and can be read; leaves out those without a risk. */
export async function checkDecoding(folder: string, isolation: Isolation): Promise<readonly Check[]> {
  const checks = await Promise.all(
    PARTS.map(async ({ name, file }) => {
      const text = await readFile(join(folder, file), "utf8").catch(() => undefined)
      return text === undefined ? undefined : checkPart({ name, file, isolation, config: toPlain(text) })
    }),
  )
  return checks.filter((check) => check !== undefined)
}

interface Part {
  readonly name: string
  readonly file: string
  readonly isolation: Isolation
  readonly config: unknown
}

function checkPart({ name, file, isolation, config }: Part): Check | undefined {
  const said = memberOf(memberOf(config, "decoder"), "withoutIsolation")
  const withoutIsolation: WithoutIsolation = WITHOUT_ISOLATION.find((word) => word === said) ?? "refuse"
  const isNeeded = name !== "server" || memberOf(memberOf(config, "reports"), "environment") === "production"
  const state: DecodingState = decodingState({ isolation, withoutIsolation, isNeeded })
  if (state === "refused") {
    return { name, state: "missing", words: `${WORKS[name]} without isolation`, hint: isolationHint(file) }
  }
  if (withoutIsolation === "accept") {
    const now = state === "accepted" ? "; nothing isolates them at present" : ""
    return { name, state: "degraded", words: `decoders without isolation are accepted by name in ${file}${now}` }
  }
  return undefined
}

const WORKS: Readonly<Record<string, string>> = {
  guard: "the guard does not start",
  server: "the server is not ready and files nothing to production",
  custodian: "the custodian is not unlocked",
}

function toPlain(text: string): unknown {
  try {
    return parse(text)
  } catch {
    return undefined
  }
}
