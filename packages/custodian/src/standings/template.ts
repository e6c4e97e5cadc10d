/**
 * What a report that nobody prepared may say: the part that two people authorised, and in the rest only what differs from
 * one file to the next.
 * @module
 */
import { fixedPartOf, type Standing } from "@nightlight/contract/custodian"
import { z } from "zod"
import { jsonDigest } from "../filings/json-digest.ts"
import { refusal } from "../refusal.ts"

/** Members that an automatic report may have; of a member with its own schema, what may stand in it. */
const Document = z.strictObject({
  incidentSummary: z.strictObject({
    incidentType: z.unknown(),
    platform: z.unknown().optional(),
    incidentDateTime: z.string(),
    incidentDateTimeDescription: z.string().max(200).optional(),
  }),
  reporter: z.unknown(),
  internetDetails: z
    .array(
      z.strictObject({
        webPageIncident: z
          .strictObject({ thirdPartyHostedContent: z.boolean().optional(), url: z.array(z.string()).optional() })
          .optional(),
        chatImIncident: z.strictObject({ content: z.string() }).optional(),
      }),
    )
    .max(1)
    .optional(),
  personOrUserReported: z
    .array(
      z.strictObject({
        espIdentifier: z.string(),
        espService: z.string().optional(),
        ipCaptureEvent: z.array(z.unknown()).optional(),
        priorCTReports: z.array(z.unknown()).optional(),
      }),
    )
    .max(1)
    .optional(),
  additionalInfo: z.string().optional(),
})

/**
 * Checks a document against a standing authorisation.
 *
 * @throws {RequestError} `forbidden` (`other-template`), naming the member that is not the template's.
 */
export function assertTemplate(document: unknown, { templateSha256 }: Pick<Standing, "templateSha256">): void {
  const parsed = Document.safeParse(document)
  if (!parsed.success) {
    const member = parsed.error.issues[0]?.path.find((part) => typeof part === "string") ?? "document"
    throw refusal("other-template", "this says more than an automatic report may", {
      member: /^[A-Za-z]{1,40}$/.test(String(member)) ? String(member) : "document",
    })
  }
  if (jsonDigest(fixedPartOf(parsed.data)) !== templateSha256) {
    throw refusal("other-template", "the report's fixed part is not the one that two people authorised")
  }
}
