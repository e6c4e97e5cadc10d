/**
 * The form of a report as plain data: the CyberTipline's schema for programs in which people fill it in.
 * @module
 */
import { z } from "zod"

/** A value without structure, with its limits. Lengths count code points. */
const FormScalar = z.strictObject({
  kind: z.literal("scalar"),
  base: z.enum(["string", "token", "boolean", "int", "long", "double", "dateTime", "date"]),
  maxLength: z.int().positive().exactOptional(),
  /** At least one character that is not white space. */
  nonBlank: z.literal(true).exactOptional(),
  /** Must match the whole value. */
  pattern: z.string().exactOptional(),
  values: z.array(z.string()).exactOptional(),
  min: z.number().exactOptional(),
  max: z.number().exactOptional(),
  format: z.enum(["url", "email", "ip"]).exactOptional(),
  /** The only value is `true`: a mark that is present or absent. */
  fixed: z.literal("true").exactOptional(),
})

const FormAttribute = z.strictObject({ name: z.string(), type: z.string(), required: z.boolean() })

const FormMember = z.strictObject({
  ...FormAttribute.shape,
  /** Whether its value is an array. */
  repeated: z.boolean(),
  /** Members with the same number exclude each other. */
  excludes: z.int().exactOptional(),
  doc: z.string().exactOptional(),
})

/** One type: a scalar; text, number or boolean with attributes as `{ value, ...attributes }`; or members by name. */
export const ReportFormType = z.discriminatedUnion("kind", [
  FormScalar,
  z.strictObject({ kind: z.literal("attributed"), content: z.string(), attributes: z.array(FormAttribute) }),
  z.strictObject({
    kind: z.literal("record"),
    /** `choice`: exactly one of the members. */
    order: z.enum(["sequence", "choice", "all"]),
    members: z.array(FormMember),
    attributes: z.array(FormAttribute),
  }),
])
export type ReportFormType = z.infer<typeof ReportFormType>

/** `GET /v1/report-form` answer. */
export const ReportForm = z.strictObject({
  schemaVersion: z.string(),
  /** Type of a report's document, by name. */
  report: z.string(),
  /** Type of a file's details, without the ids that the CyberTipline gives. */
  fileDetails: z.string(),
  types: z.record(z.string(), ReportFormType),
})
export type ReportForm = z.infer<typeof ReportForm>
