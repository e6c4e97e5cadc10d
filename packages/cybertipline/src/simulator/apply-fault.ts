import { bare, reportResponse, type SimulatedAnswer, xmlAnswer } from "./answers.ts"
import type { Fault } from "./faults.ts"
import type { SimulatedRequest } from "./handlers.ts"

const PREVENTING = ["drop-before", "timeout-before", "code", "http-status", "redirect"] as const
type PreventingKind = (typeof PREVENTING)[number]

/** A fault that prevents a call from taking effect. */
export type PreventingFault = Extract<Fault, { readonly kind: PreventingKind }>

/** Whether a fault prevents its call from taking effect. */
export function isPreventing(fault: Fault): fault is PreventingFault {
  return (PREVENTING as readonly string[]).includes(fault.kind)
}

/** The answer of a fault that prevents its call; the request is read to its end first, except for a cut. */
export async function answerInstead(fault: PreventingFault, request: SimulatedRequest): Promise<SimulatedAnswer> {
  switch (fault.kind) {
    case "drop-before":
      return { ...bare(200), delivery: { kind: "cut" } }
    case "timeout-before":
      await drain(request)
      return { ...bare(200), delivery: { kind: "never" } }
    case "code":
      await drain(request)
      return xmlAnswer(reportResponse(fault.code, fault.description ?? "Simulated failure"), fault.httpStatus)
    case "http-status":
      await drain(request)
      return { ...bare(fault.httpStatus, { "content-type": "text/html" }), body: "<html><p>Not now.</html>" }
    case "redirect":
      await drain(request)
      return bare(302, { location: fault.location })
    default:
      return fault satisfies never
  }
}

/** Changes the answer to a call that took effect. */
export function applyFault(fault: Exclude<Fault, PreventingFault>, answer: SimulatedAnswer): SimulatedAnswer {
  switch (fault.kind) {
    case "timeout-after-commit":
      return { ...answer, delivery: { kind: "never" } }
    case "drop-after-commit":
      return { ...answer, delivery: { kind: "cut" } }
    case "slow":
      return { ...answer, delivery: { kind: "late", delayMs: fault.delayMs } }
    case "endless-body":
      return { ...answer, delivery: { kind: "endless" } }
    case "doctype":
      return { ...answer, body: withDoctype(answer.body) }
    case "wrong-md5":
      return { ...answer, body: answer.body.replace(/<hash>.*<\/hash>/, `<hash>${"0".repeat(32)}</hash>`) }
    case "other-file-ids":
      return { ...answer, body: answer.body.replaceAll(/<fileId>.*?<\/fileId>/g, `<fileId>${"0".repeat(32)}</fileId>`) }
    case "code0-http500":
      return { ...answer, httpStatus: 500 }
    case "malformed-xml":
      return { ...answer, body: answer.body.slice(0, answer.body.lastIndexOf("<")) }
    default:
      return fault satisfies never
  }
}

/** A document type whose entity an expanding parser would insert into the description. */
function withDoctype(body: string): string {
  return body
    .replace("?>", '?><!DOCTYPE reportResponse [<!ENTITY more "more and more">]>')
    .replace("<responseDescription>", "<responseDescription>&more;")
}

async function drain({ body }: SimulatedRequest): Promise<void> {
  for await (const _ of body);
}
