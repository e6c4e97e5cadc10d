/**
 * Approvals in words: a sentence for each kind that the server has, and a general one for unknown kinds.
 * @module
 */
import type { ApprovalView } from "@nightlight/contract/server"
import { useQuery } from "@tanstack/react-query"
import { approvals as say } from "#messages/approvals.ts"
import { common } from "#messages/common.ts"
import { meQuery, namesQuery } from "../api/me.ts"
import { count, dateTime, listed, shortId } from "./format.ts"

/** An approval in words. */
export interface ApprovalWords {
  readonly title: string
  /** Effect of the approval. */
  readonly will: string
  readonly facts: readonly { readonly name: string; readonly value: string }[]
  /** Whether the effect cannot be undone. */
  readonly isFinal: boolean
  /** The page that shows its subject, and the permission which that page needs. */
  readonly link?: { readonly to: string; readonly label: string; readonly permission: string }
}

/** A payload member as text; empty if it is absent. */
function textIn(payload: unknown, name: string): string {
  const value: unknown =
    typeof payload === "object" && payload !== null ? (payload as Readonly<Record<string, unknown>>)[name] : undefined
  if (Array.isArray(value)) return listed(value.map(String))
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean" ? String(value) : ""
}

type Words = (approval: ApprovalView, nameOf: (id: string) => string) => ApprovalWords

const digestShort = (digest: string): string => digest.slice(0, 12)
/** Links to a case's evidence, which custodians can open too; they cannot see cases. */
const toEvidence = (caseId: string) => ({
  to: `/evidence/preserved/${caseId}`,
  label: say.open.evidence,
  permission: "preservation:read",
})

const KINDS: Readonly<Record<string, Words>> = {
  "role.grant": ({ subject, payload }, nameOf) => {
    const role = textIn(payload, "role").replaceAll("-", " ")
    const who = nameOf(subject)
    return {
      title: say.kinds.roleGrant.title(who, role),
      will: say.kinds.roleGrant.will(who),
      facts: [],
      isFinal: false,
    }
  },
  "credentials.reset": ({ subject }, nameOf) => {
    const who = nameOf(subject)
    return { title: say.kinds.reset.title(who), will: say.kinds.reset.will(who), facts: [], isFinal: false }
  },
  "report.manual-filing": ({ subject, payload }) => ({
    title: say.kinds.manual.title(textIn(payload, "remoteReportId")),
    will: say.kinds.manual.will,
    isFinal: true,
    facts: [
      { name: say.fact.subject, value: shortId(subject) },
      { name: say.fact.number, value: textIn(payload, "remoteReportId") },
    ],
    link: { to: `/reports/${subject}`, label: say.open.report, permission: "report:approve" },
  }),
  "report.automate": ({ payload }, nameOf) => ({
    title: say.kinds.automate.title(Number(textIn(payload, "dailyCap"))),
    will: say.kinds.automate.will,
    facts: [
      { name: say.fact.lists, value: textIn(payload, "lists") },
      { name: say.fact.cap, value: count(Number(textIn(payload, "dailyCap"))) },
      { name: say.fact.until, value: dateTime(textIn(payload, "expiresAt")) },
      { name: say.fact.second, value: nameOf(textIn(payload, "reporter")) },
      { name: say.fact.host, value: say.environment[textIn(payload, "environment")] ?? common.unknown },
    ],
    isFinal: false,
    link: { to: "/reports", label: say.open.automation, permission: "report:read" },
  }),
  "evidence.destroy": ({ subject, payload }) => ({
    title: say.kinds.destroy.title(shortId(subject)),
    will: say.kinds.destroy.will,
    isFinal: true,
    facts: [
      { name: say.fact.basis, value: say.destroyBasis[textIn(payload, "basis")] ?? textIn(payload, "basis") },
      ...requestOf(payload),
    ],
    link: toEvidence(subject),
  }),
  "evidence.export": ({ subject, payload }) => {
    const kind = textIn(payload, "kind")
    return {
      title: say.kinds.disclose.title(shortId(subject), say.disclosed[kind] ?? kind),
      will: say.kinds.disclose.will,
      facts: requestOf(payload),
      isFinal: true,
      link: toEvidence(subject),
    }
  },
  "policy.activate": (approval) => policy(approval, say.kinds.policyActivate),
  "policy.roll-back": (approval) => policy(approval, say.kinds.policyRollBack),
  "list.false-positive": ({ payload }) => ({
    title: say.kinds.falsePositive.title(shortId(textIn(payload, "itemId"))),
    will: say.kinds.falsePositive.will,
    facts: [
      { name: say.fact.list, value: textIn(payload, "list") },
      { name: say.fact.case, value: shortId(textIn(payload, "caseId")) },
    ],
    isFinal: false,
    link: { to: "/lists", label: say.open.lists, permission: "list:read" },
  }),
}

function requestOf(payload: unknown): ApprovalWords["facts"] {
  const request = textIn(payload, "requestId")
  return request === "" ? [] : [{ name: say.fact.request, value: shortId(request) }]
}

function policy(
  { subject, payload }: ApprovalView,
  { title, will }: { readonly title: (digest: string) => string; readonly will: string },
): ApprovalWords {
  const activates = textIn(payload, "activates")
  const replaces = textIn(payload, "replaces")
  return {
    title: title(digestShort(activates === "" ? subject : activates)),
    will,
    isFinal: false,
    facts: replaces === "" ? [] : [{ name: say.fact.replaces, value: digestShort(replaces) }],
    link: {
      to: `/policies/${activates === "" ? subject : activates}`,
      label: say.open.policy,
      permission: "policy:read",
    },
  }
}

function unknownKind({ kind, subject, payload }: ApprovalView): ApprovalWords {
  const members = typeof payload === "object" && payload !== null ? Object.keys(payload) : []
  return {
    title: say.kinds.unknown.title(kind),
    will: say.kinds.unknown.will,
    isFinal: false,
    facts: [
      { name: say.fact.kind, value: kind },
      { name: say.fact.subject, value: subject },
      ...members.map((name) => ({ name, value: textIn(payload, name) })),
    ],
  }
}

/** Returns a function that puts approvals into words, with people's names. */
export function useApprovalWords(): (approval: ApprovalView) => ApprovalWords {
  const { data: names } = useQuery(namesQuery)
  const { data: me } = useQuery(meQuery)
  const nameOf = (id: string) => (me?.id === id ? common.you : (names?.get(id) ?? shortId(id)))
  return (approval) => (KINDS[approval.kind] ?? unknownKind)(approval, nameOf)
}
