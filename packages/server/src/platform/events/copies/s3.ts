/**
 * A bucket of S3 with object lock: one object for each checkpoint, locked in compliance mode, created only if it does
 * not exist.
 * @module
 */

import { createHash } from "node:crypto"
import { readFile, stat } from "node:fs/promises"
import { compact, DAY_MS, IntegrityError } from "@nightlight/core"
import { z } from "zod"
import { callPlace } from "./call.ts"
import { encodeS3, type S3Credentials, signS3 } from "./sigv4.ts"
import { type CheckpointLine, type CopyPlace, copyFault } from "./types.ts"

/** Where the bucket is. */
export interface S3Options {
  /** Origin; buckets are named in the path. */
  readonly endpoint: string
  readonly region: string
  readonly bucket: string
  /** Ends with `/`, or empty. */
  readonly prefix: string
  readonly retainDays: number
  /** File (0600) of JSON: `accessKeyId`, `secretAccessKey`. */
  readonly credentialsFile: string
}

const Credentials = z.strictObject({ accessKeyId: z.string().min(1), secretAccessKey: z.string().min(1) })
const MAX_PAGES = 10_000

/** The place is named `s3://BUCKET/PREFIX`. Credentials are read at each call, so that new ones need no restart. */
export function s3Place(options: S3Options, clock: { readonly now: () => Date }): CopyPlace {
  const { endpoint, region, bucket, prefix, retainDays } = options

  async function ask(
    method: "GET" | "HEAD" | "PUT",
    target: { readonly key?: string; readonly query?: string },
    { headers = {}, body = "" }: { readonly headers?: Readonly<Record<string, string>>; readonly body?: string } = {},
  ) {
    const path = target.key === undefined ? "" : `/${target.key.split("/").map(encodeS3).join("/")}`
    const query = target.query === undefined ? "" : `?${target.query}`
    const url = new URL(`${endpoint}/${encodeS3(bucket)}${path}${query}`)
    const credentials = await readCredentials(options.credentialsFile)
    const { host: _host, ...signed } = signS3({ method, url, headers, body }, credentials, region, clock.now())
    return callPlace(
      url,
      compact({
        method,
        headers: signed,
        body: method === "PUT" ? body : undefined,
      }),
    )
  }

  async function get(target: { readonly key?: string; readonly query?: string }): Promise<string> {
    const { status, text } = await ask("GET", target)
    if (status !== 200) throw copyFault("refused", status)
    return text
  }

  return {
    name: `s3://${bucket}/${prefix}`,
    async put(checkpoint, now) {
      const key = prefix + nameOf(checkpoint)
      const body = `${checkpoint.line}\n`
      const { status } = await ask(
        "PUT",
        { key },
        {
          body,
          headers: {
            "content-type": "application/x-ndjson",
            "if-none-match": "*",
            "x-amz-checksum-sha256": createHash("sha256").update(body).digest("base64"),
            "x-amz-object-lock-mode": "COMPLIANCE",
            "x-amz-object-lock-retain-until-date": new Date(now.getTime() + retainDays * DAY_MS).toISOString(),
          },
        },
      )
      // 412: an earlier answer was lost, or somebody else wrote there.
      if (status !== 200 && status !== 412) throw copyFault("refused", status)
      if (status === 412 && (await get({ key })) !== body) throw copyFault("content-differs")
      // Some servers accept the header and lock nothing.
      const seen = await ask("HEAD", { key })
      const until = Date.parse(seen.header("x-amz-object-lock-retain-until-date") ?? "")
      const isLocked = seen.header("x-amz-object-lock-mode") === "COMPLIANCE" && until > now.getTime()
      if (seen.status !== 200 || !isLocked) throw copyFault("not-locked", seen.status)
      return undefined
    },
    async read() {
      const keys: string[] = []
      let markers = ""
      for (let page = 0; page < MAX_PAGES; page++) {
        const text = await get({ query: `${markers}prefix=${encodeS3(prefix)}&versions=` })
        const marker = /<DeleteMarker>.*?<Key>([^<]*)<\/Key>/s.exec(text)?.[1]
        if (marker !== undefined) throw overwritten(marker)
        keys.push(...[...text.matchAll(/<Version>.*?<Key>([^<]*)<\/Key>/gs)].map((match) => match[1] ?? ""))
        if (!text.includes("<IsTruncated>true</IsTruncated>")) break
        const next = (name: string) => encodeS3(new RegExp(`<${name}>([^<]*)</${name}>`).exec(text)?.[1] ?? "")
        markers = `key-marker=${next("NextKeyMarker")}&version-id-marker=${next("NextVersionIdMarker")}&`
      }
      const twice = keys.find((key, index) => keys.indexOf(key) !== index)
      if (twice !== undefined) throw overwritten(twice)
      const lines: string[] = []
      for (const key of keys.toSorted()) lines.push((await get({ key })).trimEnd())
      return lines
    },
  }
}

function overwritten(object: string): IntegrityError {
  return new IntegrityError("audit_chain_broken", `the copy ${object} was overwritten or deleted`, {
    details: { object },
    hint: "The first version is still in the bucket.",
  })
}

/** Sorts in the order in which they were signed. */
function nameOf({ restarts, seq }: CheckpointLine): string {
  return `${String(restarts).padStart(6, "0")}-${String(seq).padStart(16, "0")}.ndjson`
}

async function readCredentials(path: string): Promise<S3Credentials> {
  try {
    if (((await stat(path)).mode & 0o077) !== 0) throw copyFault("credentials-unreadable")
    return Credentials.parse(JSON.parse(await readFile(path, "utf8")))
  } catch {
    throw copyFault("credentials-unreadable")
  }
}
