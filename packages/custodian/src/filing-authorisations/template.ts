/**
 * Limits a report that nobody prepared to the text that two people authorised, and otherwise to what differs from one
 * file to the next, checked by type and by the custodian's own measurements.
 * @module
 */
import { type FilingTemplate, fixedPartOf } from "@nightlight/contract/custodian"
import { z } from "zod"
import { jsonDigest } from "../filings/json-digest.ts"
import { refusal } from "../refusal.ts"
import { isPlainUrl, type MeasuredFacts, matchesPattern, matchesPlace } from "./template-lines.ts"

/** Lines of additional information: one for each of 200 places, and those around them. */
const MAX_LINES = 250
const MAX_URLS = 200
const MAX_PRIOR_REPORTS = 200
/** The CyberTipline's limit; longer values are cut. */
const MAX_ACCOUNT_LENGTH = 255

const Url = z.string().refine(isPlainUrl)

/** Members that an automatic report may have. */
const Document = z.strictObject({
  incidentSummary: z.strictObject({
    incidentType: z.unknown(),
    platform: z.unknown().optional(),
    incidentDateTime: z.iso.datetime({ offset: true }),
    incidentDateTimeDescription: z.string().optional(),
  }),
  reporter: z.unknown(),
  internetDetails: z
    .array(
      z.strictObject({
        webPageIncident: z.strictObject({
          thirdPartyHostedContent: z.literal(true).optional(),
          url: z.array(Url).max(MAX_URLS).optional(),
        }),
      }),
    )
    .max(1)
    .optional(),
  personOrUserReported: z
    .array(
      z.strictObject({
        espIdentifier: z
          .string()
          .min(1)
          .max(MAX_ACCOUNT_LENGTH)
          .regex(/^[^\p{Cc}\p{Cs}]+$/u),
        espService: z.string().optional(),
        priorCTReports: z.array(z.string()).max(MAX_PRIOR_REPORTS).optional(),
      }),
    )
    .max(1)
    .optional(),
  additionalInfo: z.string().optional(),
})

/** Members that a file's details may have there. That nobody viewed the file is checked where it is described. */
const Details = z.strictObject({
  fileViewedByEsp: z.literal(false),
  exifViewedByEsp: z.literal(false).optional(),
  locationOfFile: Url.optional(),
  originalFileHash: z
    .array(z.strictObject({ value: z.string(), hashType: z.enum(["MD5", "SHA1", "SHA256"]) }))
    .max(3)
    .optional(),
  additionalInfo: z.array(z.string()).max(1).optional(),
})

/** Digests of a file's content, lower-case hexadecimal. */
export interface FileDigests {
  readonly md5: string
  readonly sha1: string
  readonly sha256: string
}

/**
 * Checks that the journal has the digest of this template.
 *
 * @throws {RequestError} `forbidden` (`other-template`).
 */
export function assertSigned(template: FilingTemplate | undefined, templateSha256: string): FilingTemplate {
  if (template !== undefined && jsonDigest(template) === templateSha256) return template
  throw refusal("other-template", "this is not the template that two people authorised")
}

/**
 * Checks a document against a template.
 *
 * @throws {RequestError} `forbidden` (`other-template`), naming the member that differs from the template.
 */
export function assertDocument(document: unknown, template: FilingTemplate, facts: MeasuredFacts): void {
  const { incidentSummary, personOrUserReported = [], additionalInfo, ...rest } = parse(Document, document)
  if (jsonDigest(fixedPartOf({ ...rest, incidentSummary })) !== jsonDigest(template.fixed)) {
    throw refusal("other-template", "the report's fixed part is not the one that two people authorised")
  }
  const { incidentDateTimeDescription: time } = incidentSummary
  if (time !== undefined && !template.times.includes(time)) throw unsigned("incidentDateTimeDescription")
  for (const { espIdentifier, espService, priorCTReports = [] } of personOrUserReported) {
    // If the sealed files name a person, it must be this one.
    const sealed = [...facts.accounts].map((account) => account.slice(0, MAX_ACCOUNT_LENGTH))
    if (sealed.length > 0 && !sealed.includes(espIdentifier)) throw unsigned("espIdentifier")
    if (espService !== undefined && espService !== template.service) throw unsigned("espService")
    if (!priorCTReports.every(facts.isFinished)) throw unsigned("priorCTReports")
  }
  const lines = additionalInfo?.split("\n") ?? []
  const isSigned = (line: string) =>
    template.lines.some((pattern) => matchesPattern(line, pattern, facts)) || matchesPlace(line, template.place, facts)
  if (lines.length > MAX_LINES || !lines.every(isSigned)) throw unsigned("additionalInfo")
}

/**
 * Checks the details of a file against a template and the file.
 *
 * @throws {RequestError} as {@link assertDocument}.
 */
export function assertDetails(details: unknown, template: FilingTemplate, digests: FileDigests): void {
  const { originalFileHash = [], additionalInfo = [] } = parse(Details, details)
  const facts: MeasuredFacts = {
    files: 1,
    sha256: new Set([digests.sha256]),
    accounts: new Set(),
    isFinished: () => false,
  }
  const isSigned = (text: string) => template.files.some((pattern) => matchesPattern(text, pattern, facts))
  if (!additionalInfo.every(isSigned)) throw unsigned("additionalInfo")
  const measured = { MD5: digests.md5, SHA1: digests.sha1, SHA256: digests.sha256 }
  if (originalFileHash.some(({ value, hashType }) => value !== measured[hashType])) throw unsigned("originalFileHash")
}

function parse<T>(schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  const { issues } = parsed.error
  const [unknown] = issues.flatMap((issue) => (issue.code === "unrecognized_keys" ? issue.keys : []))
  const member = unknown ?? issues[0]?.path.findLast((part) => typeof part === "string") ?? "document"
  throw unsigned(/^[A-Za-z]{1,40}$/.test(String(member)) ? String(member) : "document")
}

function unsigned(member: string) {
  return refusal("other-template", "this says more than an automatic report may say", { member })
}
