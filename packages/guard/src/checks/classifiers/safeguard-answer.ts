/**
 * Answers of gpt-oss-safeguard. The policy decides their form and the configuration declares it; an answer of another
 * form is malformed.
 *
 * Source: gpt-oss-safeguard user guide (bare 0 or 1; a policy's category; with rules, confidence and rationale).
 * @module
 */
import { z } from "zod"
import { malformed } from "./remote/service.ts"

const Violation = z.union([z.literal(0), z.literal(1)])
const Name = z.string().max(200).nullable()

const FORMS = {
  "violation-category": z.strictObject({ violation: Violation, category: Name }),
  "policy-ids": z.strictObject({
    violation: Violation,
    policy_category: Name.exactOptional(),
    rule_ids: z.array(z.string().max(200)).max(1_000).exactOptional(),
  }),
  rationale: z.strictObject({
    violation: Violation,
    category: Name.exactOptional(),
    policy_category: Name.exactOptional(),
    rule_ids: z.array(z.string().max(200)).max(1_000).exactOptional(),
    confidence: z.enum(["low", "medium", "high"]).exactOptional(),
    rationale: z.string(),
  }),
} as const

/** The forms of an answer that a policy can ask for. */
export const SAFEGUARD_ANSWERS = ["violation-category", "policy-ids", "rationale", "binary"] as const
/** One of {@link SAFEGUARD_ANSWERS}. */
export type SafeguardAnswer = (typeof SAFEGUARD_ANSWERS)[number]

/** The verdict: whether the policy is violated, and the policy's own names given for it. */
export interface SafeguardVerdict {
  readonly violation: boolean
  readonly names: readonly string[]
}

/** Reads an answer. @throws {DependencyError} `answer_malformed`; its reason names the part that has another form. */
export function parseSafeguardAnswer(text: string, form: SafeguardAnswer): SafeguardVerdict {
  const said = text.trim()
  if (form === "binary") {
    if (said !== "0" && said !== "1") throw malformed("form_binary")
    return { violation: said === "1", names: [] }
  }
  let value: unknown
  try {
    value = JSON.parse(said)
  } catch {
    throw malformed("json")
  }
  const read = FORMS[form].safeParse(value)
  if (!read.success) throw malformed(`form_${form}`)
  const {
    violation,
    category,
    policy_category,
    rule_ids = [],
  } = read.data as {
    readonly violation: 0 | 1
    readonly category?: string | null
    readonly policy_category?: string | null
    readonly rule_ids?: readonly string[]
  }
  const names = [category, policy_category, ...rule_ids].filter((name) => typeof name === "string")
  return { violation: violation === 1, names }
}
