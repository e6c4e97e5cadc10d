/**
 * A simulated NCMEC hash sharing, version 2. Its hashes are whatever a test gives it: made of words or shapes.
 * @module
 */
import { createHash, timingSafeEqual } from "node:crypto"
import type { SimulatedAnswer, SimulatedExchange, SimulatedRequest } from "../simulated.ts"
import { membersXml, queryResultXml, reasonsXml, statusXml } from "./documents.ts"

/** An entry as a member submitted it. */
export interface SimulatedEntry {
  readonly memberId: number
  readonly id: string
  readonly medium?: "image" | "video"
  readonly classification?: string
  /** By element, such as `md5` or `pdq`; an empty text is a large fingerprint. */
  readonly fingerprints: Readonly<Record<string, string>>
  /** Ids of the members that voted, by type. */
  readonly affirmative?: Readonly<Record<string, readonly number[]>>
  readonly negative?: Readonly<Record<string, readonly number[]>>
  /** Further elements. */
  readonly fields?: Readonly<Record<string, string>>
}

/** An entry or tombstone in the service. */
export interface StoredEntry {
  /** The service's own number, in the order of first submission. */
  readonly number: number
  readonly entry: SimulatedEntry
  readonly isDeleted: boolean
  readonly timestamp: Date
}

/** A change of what the service holds. */
export type NcmecCommand =
  | { readonly put: readonly SimulatedEntry[]; readonly at?: string }
  | { readonly remove: readonly string[]; readonly at?: string }

/** Options of a simulated environment. */
export interface NcmecSimulatorOptions {
  readonly username: string
  readonly password: string
  /** Entries on a page; 1000, as the service has it, by default. */
  readonly pageEntries?: number
  /** Between the service's own numbers of two entries; 1 by default. Larger ones make it look fuller than it is. */
  readonly numberStep?: number
  /** The system's by default. */
  readonly clock?: () => Date
}

const MEMBERS = new Map([
  [1, "Simulated member"],
  [42, "Simulated member 42"],
  [43, "Simulated member 43"],
])
/** A cursor is unknown after this. */
const CURSOR_MS = 12 * 3_600_000

/** One environment in memory. */
export class NcmecSimulator implements SimulatedExchange<NcmecCommand> {
  readonly basePath = "/hashsharing"
  /** Votes by `key TYPE`, as they were sent. */
  readonly votes = new Map<string, string>()
  readonly #authorization: Buffer
  readonly #pageEntries: number
  readonly #numberStep: number
  readonly #clock: () => Date
  readonly #entries = new Map<string, StoredEntry>()
  readonly #cursors = new Map<string, Date>()

  constructor(options: NcmecSimulatorOptions) {
    const { username, password, pageEntries = 1000, numberStep = 1, clock = () => new Date() } = options
    this.#authorization = digestOf(`Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`)
    this.#pageEntries = pageEntries
    this.#numberStep = numberStep
    this.#clock = clock
  }

  tell(command: NcmecCommand): void {
    const timestamp = command.at === undefined ? this.#clock() : new Date(command.at)
    if ("put" in command) {
      for (const entry of command.put)
        this.#store(`${entry.memberId}-${entry.id}`, { entry, isDeleted: false, timestamp })
      return
    }
    for (const key of command.remove) {
      const stored = this.#entries.get(key)
      if (stored !== undefined) this.#store(key, { entry: stored.entry, isDeleted: true, timestamp })
    }
  }

  handle({ method, path, headers, body }: SimulatedRequest): SimulatedAnswer {
    if (!timingSafeEqual(digestOf(headers["authorization"] ?? ""), this.#authorization)) return empty(401)
    const [place = "", query = ""] = path.split("?", 2)
    if (method === "PUT") return this.#vote(place, headers["content-type"], Buffer.from(body).toString("utf8"))
    if (method !== "GET") return empty(405)
    if (place === "/v2/status") return xml(statusXml())
    if (place === "/v2/members") return xml(membersXml(MEMBERS))
    if (/^\/v2\/feedback\/[A-Z0-9_]+\/reasons$/.test(place)) return xml(reasonsXml())
    return place === "/v2/entries" ? this.#query(new URLSearchParams(query)) : empty(404)
  }

  #store(key: string, stored: Omit<StoredEntry, "number">): void {
    const number = this.#entries.get(key)?.number ?? this.#entries.size * this.#numberStep + 1
    this.#entries.set(key, { number, ...stored })
  }

  #query(query: URLSearchParams): SimulatedAnswer {
    const [from, to] = ["from", "to"].map((name) => Date.parse(query.get(name) ?? ""))
    if (from === undefined || to === undefined || !(from <= to)) return empty(400)
    const cursor = query.toString()
    const isFirst = query.get("start") === null
    const givenAt = this.#cursors.get(cursor)
    const isKnown = givenAt !== undefined && this.#clock().getTime() - givenAt.getTime() < CURSOR_MS
    if (!isFirst && !isKnown) return empty(400)
    const inWindow = [...this.#entries.values()].filter(({ timestamp }) => {
      const time = timestamp.getTime()
      return time >= from && time <= to
    })
    const start = Number(query.get("start") ?? 1)
    const max = Number(query.get("max") ?? Math.max(0, ...inWindow.map(({ number }) => number)))
    const left = inWindow.filter(({ number }) => number >= start && number <= max)
    left.sort((a, b) => a.number - b.number)
    const page = left.slice(0, this.#pageEntries)
    const following = left[this.#pageEntries]
    if (following === undefined) return xml(queryResultXml(page))
    const next = new URLSearchParams({
      from: new Date(from).toISOString(),
      to: new Date(to).toISOString(),
      start: String(following.number),
      size: String(this.#pageEntries),
      max: String(max),
    }).toString()
    this.#cursors.set(next, this.#clock())
    return xml(queryResultXml(page, `/v2/entries?${next}`))
  }

  #vote(place: string, contentType: string | undefined, body: string): SimulatedAnswer {
    const [, memberId, id, type] = /^\/v2\/entries\/(\d+)\/([^/]+)\/([A-Z0-9_]+)\/feedback$/.exec(place) ?? []
    const key = `${memberId}-${decodeURIComponent(id ?? "")}`
    const stored = this.#entries.get(key)
    if (stored === undefined || stored.isDeleted) return empty(404)
    const isXml = contentType === "application/xml; charset=utf-8" && /<(?:affirmative\/|negative>)/.test(body)
    if (!isXml) return empty(400)
    this.votes.set(`${key} ${type}`, body)
    return xml("<submissionResult/>")
  }
}

function empty(status: number): SimulatedAnswer {
  return { status, headers: {}, body: "" }
}

function xml(body: string): SimulatedAnswer {
  const head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
  return { status: 200, headers: { "content-type": "application/xml" }, body: head + body }
}

function digestOf(text: string): Buffer {
  return createHash("sha256").update(text).digest()
}
