/**
 * Reads what a report needs from a sealed context. The context is a sender's claim: any member may be missing or
 * malformed, and is then left out.
 * @module
 */

import type { JsonValue } from "@nightlight/core"
import { compact } from "@nightlight/core"
import type { DraftItem, DraftLocation } from "./material.ts"

/** Digests of the content: the custodian's if it opened the content, else the sender's. */
export function digestsIn(found: JsonValue): DraftItem["digests"] {
  const made = membersOf(membersOf(found)["fingerprint"])
  const claimed = membersOf(membersOf(found)["digests"])
  const pick = (name: "md5" | "sha1" | "sha256") => textOf(made[name]) ?? textOf(claimed[name])
  const [md5, sha1, sha256] = [pick("md5"), pick("sha1"), pick("sha256")]
  return compact({
    md5,
    sha1,
    sha256,
  })
}

/**
 * Where one copy was. The dataset's own path stays with us: its name in reports is chosen when its source is enrolled.
 */
export function locationOf(found: JsonValue, datasetName?: string): DraftLocation {
  const members = membersOf(found)
  const names = ["sourceUrl", "licence", "shard", "key", "screenedAt"] as const
  const entries = names.map((name) => [name, textOf(members[name])]).filter(([, value]) => value !== undefined)
  return { ...Object.fromEntries(entries), ...compact({ datasetName }) }
}

/** The account that the operator's own channel named. */
export function accountIn(found: JsonValue): string | undefined {
  return textOf(membersOf(found)["account"])
}

/** The text, if the item is a text. */
export function textIn(found: JsonValue): string | undefined {
  return textOf(membersOf(found)["text"])
}

function membersOf(value: JsonValue | undefined): Readonly<Record<string, JsonValue | undefined>> {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, JsonValue>>)
    : {}
}

function textOf(value: JsonValue | undefined): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined
}
