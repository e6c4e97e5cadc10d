import { escapeText } from "../xml/characters.ts"

/** The answer to a call. */
export interface SimulatedAnswer {
  readonly httpStatus: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  /** How the transport delivers it. */
  readonly delivery:
    | { readonly kind: "whole" }
    | { readonly kind: "late"; readonly delayMs: number }
    | { readonly kind: "endless" }
    | { readonly kind: "never" }
    | { readonly kind: "cut" }
}

const HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
const XML_HEADERS = { "content-type": "application/xml" }

/** An answer without a body. */
export function bare(httpStatus: number, headers: Readonly<Record<string, string>> = {}): SimulatedAnswer {
  return { httpStatus, headers, body: "", delivery: { kind: "whole" } }
}

/** An XML answer. */
export function xmlAnswer(body: string, httpStatus = 200): SimulatedAnswer {
  return { httpStatus, headers: XML_HEADERS, body, delivery: { kind: "whole" } }
}

/** Members of a `<reportResponse>`. */
export interface ResponseFacts {
  readonly reportId?: string
  readonly fileId?: string
  readonly hash?: string
}

/** A `<reportResponse>`. */
export function reportResponse(code: number, description: string, facts: ResponseFacts = {}): string {
  const { reportId, fileId, hash } = facts
  const rest = Object.entries({ reportId, fileId, hash })
    .filter((entry): entry is [string, string] => entry[1] !== undefined)
    .map(([name, text]) => element(name, text))
  const members = [element("responseCode", String(code)), element("responseDescription", description), ...rest]
  return `${HEAD}<reportResponse>${members.join("")}</reportResponse>\n`
}

/** A `<reportDoneResponse>`. */
export function reportDoneResponse(reportId: string, fileIds: readonly string[]): string {
  const files = fileIds.map((fileId) => element("fileId", fileId)).join("")
  return `${HEAD}<reportDoneResponse><responseCode>0</responseCode>${element("reportId", reportId)}<files>${files}</files></reportDoneResponse>\n`
}

function element(name: string, text: string): string {
  return `<${name}>${escapeText(text)}</${name}>`
}
