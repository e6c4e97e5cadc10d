/**
 * The statements of a report that nobody prepared: the text that two people signed, with slots for what differs from
 * one report to the next. The custodian checks each slot by its type, and against its own measurements where it can.
 * @module
 */
import type { JsonValue } from "@nightlight/core"
import { z } from "zod"

/**
 * Slots of a pattern, each written in braces:
 *
 * - `files`: how many files the grant names;
 * - `number`: any whole number of at most seven digits;
 * - `sha256`: the SHA-256 of one of the files, as the custodian measured it;
 * - `url`: an address of http or https without credentials, at most 2083 characters;
 * - `name`: a name of letters, digits and `._=@+-`, at most 100 characters;
 * - `time`: a time of ISO 8601 in UTC;
 * - `reports`: ids of reports that the custodian finished at the same host, separated by commas.
 */
export const TEMPLATE_SLOTS = ["files", "number", "sha256", "url", "name", "time", "reports"] as const

/** One of {@link TEMPLATE_SLOTS}. */
export type TemplateSlot = (typeof TEMPLATE_SLOTS)[number]

/** A text with slots: letters, digits and punctuation of one line. */
const Pattern = z
  .string()
  .min(1)
  .max(500)
  .regex(/^[^\p{Cc}\p{Cs}]+$/u)

/** The whole template. An automatic report says nothing that it does not allow. */
export const FilingTemplate = z.strictObject({
  /** Result of {@link fixedPartOf} for every automatic report. */
  fixed: z.strictObject({
    incidentType: z.string().max(200),
    platform: z.string().max(256).nullable(),
    reporter: z.record(z.string(), z.json()),
  }),
  /** `espService` of a report about a person; null: it is left out. */
  service: z.string().max(100).nullable(),
  /** Allowed values of `incidentDateTimeDescription`. */
  times: z.array(Pattern).max(8),
  /** Allowed lines of the report's `additionalInfo`. */
  lines: z.array(Pattern).max(32),
  /** Allowed parts of a further line about one place of an item, in this order, joined by semicolons. */
  place: z.array(Pattern).max(16),
  /** Allowed values of a file's `additionalInfo`. */
  files: z.array(Pattern).max(16),
})
export type FilingTemplate = z.infer<typeof FilingTemplate>

/** The part of a report's document that is the same in every automatic report. */
export function fixedPartOf(document: {
  readonly reporter?: unknown
  readonly incidentSummary?: { readonly incidentType?: unknown; readonly platform?: unknown }
}): JsonValue {
  const { reporter = null, incidentSummary: { incidentType = null, platform = null } = {} } = document
  return { incidentType, platform, reporter } as JsonValue
}
