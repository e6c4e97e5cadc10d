import { z } from "zod"

/** `kind: patterns`: texts against the operator's lists of phrases and patterns. */
export const PatternsConfig = z.strictObject({
  kind: z.literal("patterns").describe("Matches texts against your lists of phrases and patterns."),
  name: z
    .string()
    .regex(/^[a-z0-9-]{1,40}$/)
    .describe("Name of the check, used in metrics, signals and `/readyz`."),
  file: z
    .string()
    .min(1)
    .describe("YAML file with the rules, or NDJSON with one phrase or pattern per line; relative to `guard.yaml`."),
  directions: z
    .array(z.enum(["input", "output"]))
    .min(1)
    .default(["input", "output"])
    .describe("Whether it checks requests, answers, or both."),
  deadlineSeconds: z
    .number()
    .positive()
    .max(60)
    .default(15)
    .describe("Time limit of one run; beyond it the check has failed."),
})

export type PatternsConfig = z.infer<typeof PatternsConfig>

const Name = z.string().regex(/^[a-z0-9-]{1,40}$/)
const Category = z.string().regex(/^[A-Za-z0-9_./-]{1,80}$/)
const Phrase = z.string().min(2).max(500)
const Pattern = z.string().min(2).max(2_000)

const rule = {
  /** The operator's own name for what the rule finds. */
  category: Category.exactOptional(),
  decision: z.enum(["clear", "review", "block"]).default("block"),
  /** The match is recorded and counted, and changes nothing. */
  shadow: z.boolean().default(false),
  words: z.boolean().default(true),
  loose: z.boolean().default(true),
}

/** The YAML file that {@link PatternsConfig} names. */
export const PatternsFile = z.strictObject({
  version: z.literal(1),
  rules: z
    .array(
      z
        .strictObject({
          name: Name,
          ...rule,
          phrases: z.array(Phrase).max(100_000).default([]),
          patterns: z.array(Pattern).max(1_000).default([]),
        })
        .refine(({ phrases, patterns }) => phrases.length + patterns.length > 0, {
          message: "a rule needs phrases or patterns",
        }),
    )
    .min(1)
    .max(1_000),
})

/** One line of the NDJSON form; all lines of one rule must repeat its other fields alike. */
export const PatternsLine = z
  .strictObject({
    rule: Name,
    ...rule,
    phrase: Phrase.exactOptional(),
    pattern: Pattern.exactOptional(),
  })
  .refine(({ phrase, pattern }) => (phrase === undefined) !== (pattern === undefined), {
    message: "a line needs a phrase or a pattern",
  })
export type PatternsLine = z.infer<typeof PatternsLine>
