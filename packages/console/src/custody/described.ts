import { signing as say } from "#messages/signing.ts"
import type { GestureRequest, SignableDocument } from "./gesture.ts"

/** One fact about a document that is about to be signed. */
export interface SignedFact {
  readonly name: string
  readonly value: string
}

const { facts } = say

/** Describes a document from its own members: kind, case, report, host, number of files, end of validity. */
export function describeSigned({ kind, document }: GestureRequest): readonly SignedFact[] {
  const isEnd = kind === "authorisation" && !("issuedAt" in document)
  const environment = textOf(document, "environment")
  const lines: readonly [string, string | undefined][] = [
    [facts.what, isEnd ? say.authorisationEnd : (say.kinds[kind] ?? kind)],
    [facts.approval, kind === "approval" ? approvalOf(document) : undefined],
    [facts.subject, kind === "approval" ? textOf(document, "subject") : undefined],
    [facts.caseId, textOf(document, "caseId")],
    [facts.reportId, textOf(document, "reportId")],
    [facts.authorisation, textOf(document, "authorisationId")],
    [facts.environment, environment === undefined ? undefined : (say.environments[environment] ?? environment)],
    [facts.files, Array.isArray(document["files"]) ? String(document["files"].length) : undefined],
    [facts.evidence, evidenceOf(document)],
    [facts.lists, Array.isArray(document["lists"]) ? document["lists"].join(", ") : undefined],
    [facts.dailyCap, typeof document["dailyCap"] === "number" ? String(document["dailyCap"]) : undefined],
    ...restartFacts(document, kind === "checkpoint-restart"),
    [facts.until, textOf(document, "expiresAt")],
  ]
  return lines.flatMap(([name, value]) => (value === undefined ? [] : [{ name, value }]))
}

function restartFacts(document: SignableDocument, isOne: boolean): readonly [string, string | undefined][] {
  if (!isOne) return []
  const reason = textOf(document, "reason")
  return [
    [facts.reason, reason === undefined ? undefined : (say.restartReasons[reason] ?? reason)],
    [facts.before, seqOf(document["before"])],
    [facts.start, seqOf(document["start"])],
  ]
}

function seqOf(place: SignableDocument[string] | undefined): string | undefined {
  if (typeof place !== "object" || place === null || Array.isArray(place)) return undefined
  const { seq } = place as SignableDocument
  return typeof seq === "number" ? String(seq) : undefined
}

function textOf(document: SignableDocument, name: string): string | undefined {
  const value = document[name]
  return typeof value === "string" ? value : undefined
}

/** Uses the same words as the approvals page. */
function approvalOf(document: SignableDocument): string | undefined {
  const kind = textOf(document, "kind")
  return kind === undefined ? undefined : (say.approvals[kind] ?? kind)
}

function evidenceOf({ evidence }: SignableDocument): string | undefined {
  if (typeof evidence !== "object" || evidence === null || Array.isArray(evidence)) return undefined
  return textOf(evidence as SignableDocument, "evidenceId")
}
