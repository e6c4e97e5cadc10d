/**
 * Versions of suite and target, so that two reports can be compared.
 * @module
 */
import { createHash } from "node:crypto"
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import type { Received } from "../client/received.ts"

/** The suite that made a report. */
export interface SuiteFacts {
  readonly version: string
  /** SHA-256 over names and contents of the suite's own program files. */
  readonly sha256: string
  /** Number of all cases, chosen or not. */
  readonly cases: number
}

/** Must be raised with each change of a case or of its judgement. */
const SUITE_VERSION = "2.0.0"

/** Reads the suite's own files. */
export function suiteFacts(cases: number): SuiteFacts {
  const folder = fileURLToPath(new URL("..", import.meta.url))
  const hash = createHash("sha256")
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) =>
    /(?<!\.d)\.[jt]s$/.test(name),
  )
  for (const name of names.toSorted()) {
    const bytes = readFileSync(join(folder, name))
    hash.update(`${name.replaceAll("\\", "/")} ${bytes.length}\n`).update(bytes)
  }
  return { version: SUITE_VERSION, sha256: hash.digest("hex"), cases }
}

/** The gateway that a report is about. */
export interface TargetFacts {
  readonly url: string
  /** Headers of its answers that identify it: name, version, digests. */
  readonly says: Readonly<Record<string, string>>
}

const TELLING = /^(?:server|via|x-powered-by)$|version|build|revision|commit|digest|gateway|guard/
const MAX_CHARS = 200

/** Collects the headers that identify the sender of an answer. */
export function identifyingHeaders({ headers }: Received): Readonly<Record<string, string>> {
  const telling = Object.entries(headers).filter(([name]) => TELLING.test(name))
  return Object.fromEntries(telling.map(([name, value]) => [name, value.slice(0, MAX_CHARS)]))
}
