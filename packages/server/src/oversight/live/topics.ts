/**
 * Which events of the log concern which topic, and who may hear of it. Messages contain topics and ids alone: a second
 * reviewer learns that a case changed, never what the first one decided.
 * @module
 */

import { LIVE_MAX_SUBJECTS, LIVE_TOPICS, type LiveMessage, type LiveTopic } from "@nightlight/contract/server"
import { compact } from "@nightlight/core"
import type { PersonActor } from "../../platform/auth/actor.ts"
import { can, type Permission } from "../../platform/auth/permissions.ts"
import type { LoggedEvent } from "./types.ts"

/** The permission to read each topic's pages. */
const READERS: Readonly<Record<LiveTopic, Permission>> = {
  cases: "case:read",
  reports: "report:read",
  approvals: "approval:read",
  alarms: "alarm:read",
  people: "person:read",
  preservation: "preservation:read",
  requests: "request:read",
  intake: "source:read",
  sources: "source:read",
  policies: "policy:read",
  lists: "list:read",
  scans: "scan:read",
  exposure: "exposure:read",
  audit: "audit:read",
}

/** The topics of each kind of event besides `audit`, by the part of its type before the point. */
export const FAMILIES: Readonly<Record<string, readonly LiveTopic[]>> = {
  alarm: ["alarms"],
  approval: ["approvals"],
  "approval-key": [],
  audit: [],
  automation: ["reports"],
  break: ["exposure"],
  "break-glass": ["people"],
  case: ["cases"],
  "checkpoint-restart": [],
  clock: ["preservation"],
  context: [],
  "context-key": [],
  credentials: ["people"],
  database: [],
  "false-positive": ["lists"],
  evidence: ["preservation", "requests", "intake"],
  exposure: ["exposure"],
  filing: ["reports"],
  item: ["cases"],
  finding: ["intake"],
  findings: ["intake"],
  guard: ["scans"],
  hold: ["preservation"],
  job: [],
  "joining-code": ["people"],
  key: ["sources"],
  link: ["people"],
  list: ["lists"],
  lists: ["lists"],
  viewing: ["exposure"],
  original: ["cases"],
  pager: ["cases"],
  passkey: ["people"],
  person: ["people"],
  policy: ["policies"],
  preferences: [],
  preservation: ["preservation"],
  report: ["reports"],
  restore: [],
  request: ["requests"],
  role: ["people"],
  scan: ["scans"],
  screens: ["scans"],
  session: [],
  setup: ["people"],
  shift: ["exposure"],
  source: ["sources"],
  task: [],
}

/** Events of reading something: a page that reloaded because of one would never stop. */
const READING: ReadonlySet<string> = new Set([
  "audit.searched",
  "audit.verified",
  "context.read",
  "report.read",
  "request.read",
])

/** Events of these kinds may have changed the rights of their subject: a person, or a session. */
const RIGHTS: ReadonlySet<string> = new Set(["credentials", "person", "role", "session"])

/** Topics whose messages name what changed, and the prefix of such an id. */
const NAMED = { cases: "case-", reports: "report-" } as const

/** Changes in a page of the log. */
export interface Changes {
  readonly topics: ReadonlySet<LiveTopic>
  /** Ids of cases and reports; `undefined` if one of the events names none. */
  readonly subjects: Readonly<Record<keyof typeof NAMED, ReadonlySet<string> | undefined>>
  /** People whose own exposure changed. */
  readonly exposed: ReadonlySet<string>
  /** People whose rights may have changed, and sessions that may have ended. */
  readonly rights: ReadonlySet<string>
}

/** Determines what events changed. */
export function toChanges(events: readonly LoggedEvent[]): Changes {
  const told = events.filter(({ type }) => !READING.has(type))
  const topics = new Set<LiveTopic>()
  const exposed = new Set<string>()
  const rights = new Set<string>()
  for (const { type, actor, subject } of told) {
    const family = familyOf(type)
    const concerned = FAMILIES[family] ?? []
    for (const topic of [...concerned, "audit" as const]) topics.add(topic)
    if (concerned.includes("exposure")) for (const person of [actor, subject]) exposed.add(person)
    if (RIGHTS.has(family)) rights.add(subject)
  }
  return { topics, exposed, rights, subjects: { cases: named(told, "cases"), reports: named(told, "reports") } }
}

/**
 * The message for one listener.
 *
 * @returns `undefined` if nothing that they may read changed.
 */
export function messageTo(listener: PersonActor, changes: Changes): LiveMessage | undefined {
  const topics = LIVE_TOPICS.filter((topic) => changes.topics.has(topic) && mayHear(listener, topic, changes))
  if (topics.length === 0) return undefined
  const subjects = subjectsOf(topics, changes)
  return compact({
    topics,
    subjects: subjects.length > 0 && subjects.length <= LIVE_MAX_SUBJECTS ? subjects : undefined,
  })
}

function mayHear(listener: PersonActor, topic: LiveTopic, { exposed }: Changes): boolean {
  return can(listener, READERS[topic]) || (topic === "exposure" && exposed.has(listener.id))
}

/** Subjects of the sent topics; none if one of the topics cannot name what changed. */
function subjectsOf(topics: readonly LiveTopic[], { subjects }: Changes): string[] {
  const sent = (["cases", "reports"] as const).filter((topic) => topics.includes(topic)).map((topic) => subjects[topic])
  const known = sent.filter((ids) => ids !== undefined)
  return known.length === sent.length ? known.flatMap((ids) => [...ids]) : []
}

function named(events: readonly LoggedEvent[], topic: keyof typeof NAMED): ReadonlySet<string> | undefined {
  const about = events.filter(({ type }) => FAMILIES[familyOf(type)]?.includes(topic) === true)
  const ids = about.map(({ subject }) => subject)
  return ids.every((id) => id.startsWith(NAMED[topic])) ? new Set(ids) : undefined
}

function familyOf(type: string): string {
  return type.slice(0, type.indexOf("."))
}
