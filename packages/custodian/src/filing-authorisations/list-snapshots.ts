/**
 * Snapshots of hash lists in a folder that the operator gives the custodian: `NAME.hashes`, one `sha1:` or `sha256:`
 * hash a line. A filing authorisation names a snapshot by its digest, so that somebody who controls the server cannot
 * pass another file off as a listed one.
 * @module
 */
import { createHash } from "node:crypto"
import { createReadStream } from "node:fs"
import { readdir } from "node:fs/promises"
import { join } from "node:path"
import { createInterface } from "node:readline"
import type { ListSnapshot } from "@nightlight/contract/custodian"
import { refusal } from "../refusal.ts"

/** Digests of one file's content, lower-case hexadecimal. */
export interface ContentDigests {
  readonly sha1: string
  readonly sha256: string
}

/** Snapshots of hash lists. */
export interface ListSnapshots {
  /** The snapshots in the folder now. */
  all(): Promise<readonly ListSnapshot[]>
  /**
   * Checks that each content is in at least one of these snapshots.
   *
   * @throws {RequestError} `forbidden`: `other-list` if a snapshot is missing or differs from the named one,
   *   `not-listed` if a content is in none.
   */
  assertListed(contents: readonly ContentDigests[], snapshots: readonly ListSnapshot[]): Promise<void>
}

const ENDING = ".hashes"
const NAME = /^[A-Za-z0-9][A-Za-z0-9._:-]{0,79}$/

/** @param dir - `null`: there are no snapshots. */
export function createListSnapshots(dir: string | null): ListSnapshots {
  const pathOf = (list: string) => join(dir ?? "", `${list}${ENDING}`)
  return {
    async all() {
      if (dir === null) return []
      const names = await readdir(dir).catch(() => [])
      const lists = names.filter((name) => name.endsWith(ENDING)).map((name) => name.slice(0, -ENDING.length))
      const found: ListSnapshot[] = []
      for (const list of lists.toSorted().filter((name) => NAME.test(name))) {
        found.push({ list, sha256: await read(pathOf(list), () => undefined) })
      }
      return found
    },
    async assertListed(contents, snapshots) {
      const missing = new Set(contents)
      const wanted = byLine(contents)
      for (const { list, sha256 } of snapshots) {
        if (dir === null) throw refusal("other-list", "this custodian has no snapshots of lists", { list })
        const found = new Set<ContentDigests>()
        const note = (line: string) => {
          for (const content of wanted.get(line) ?? []) found.add(content)
        }
        const digest = await read(pathOf(list), note).catch(() => undefined)
        if (digest !== sha256)
          throw refusal("other-list", "the snapshot differs from the one that two people named", { list })
        for (const content of found) missing.delete(content)
      }
      if (missing.size > 0) throw refusal("not-listed", "a file is in none of the lists", { files: missing.size })
    },
  }
}

/** Contents by the lines that list them: one file may be reported twice, and then one line lists both. */
function byLine(contents: readonly ContentDigests[]): ReadonlyMap<string, readonly ContentDigests[]> {
  const wanted = new Map<string, ContentDigests[]>()
  for (const content of contents) {
    for (const line of [`sha1:${content.sha1}`, `sha256:${content.sha256}`]) {
      wanted.set(line, [...(wanted.get(line) ?? []), content])
    }
  }
  return wanted
}

/** Reads a snapshot's lines. @returns SHA-256 of the very bytes that were read. */
async function read(path: string, onLine: (line: string) => void): Promise<string> {
  const hash = createHash("sha256")
  const stream = createReadStream(path)
  stream.on("data", (chunk) => hash.update(chunk))
  for await (const line of createInterface({ input: stream })) onLine(line)
  return hash.digest("hex")
}
