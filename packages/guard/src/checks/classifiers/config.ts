import { z } from "zod"
import { LLAMA_GUARD_CODES } from "./llama-guard-form.ts"
import { SAFEGUARD_ANSWERS } from "./safeguard-answer.ts"

const Decisions = z.enum(["clear", "review", "block"]).default("block").describe("What a find leads to.")
const Shadow = z.boolean().default(false).describe("Recorded and counted, and changes nothing.")
const Label = z.string().regex(/^[A-Za-z0-9_ ./-]{1,80}$/)

const LabelRules = z
  .array(
    z.strictObject({
      label: Label.describe("The service's name for it."),
      threshold: z.number().min(0).max(1).describe("Score from which on it speaks."),
      decision: Decisions,
      shadow: Shadow,
    }),
  )
  .min(1)
  .max(100)
  .describe("Labels that count. Each must stand in every answer.")

const modelApi = {
  api: z
    .enum(["completions", "chat"])
    .default("completions")
    .describe(
      "`completions`: its own prompt, raw, as vLLM serves it. `chat`: servers that have chat alone, such as Ollama.",
    ),
  path: z
    .string()
    .startsWith("/")
    .nullable()
    .default(null)
    .describe("On the service's origin; `/v1/completions` or `/v1/chat/completions` by `api` unless given."),
}

const Person = z.string().min(1).max(200)
const FailOpen = z
  .strictObject({
    reason: z.string().min(1).max(500).describe("Why."),
    approvedBy: z.tuple([Person, Person]).describe("Two people."),
    until: z.iso.datetime().describe("When it ends."),
  })
  .refine(({ approvedBy: [first, second] }) => first.trim().toLowerCase() !== second.trim().toLowerCase(), {
    message: "an exception needs two different people",
    path: ["approvedBy"],
  })
  .nullable()
  .default(null)
  .describe("Lets content pass while the service fails; by two people, with an end.")

const shared = {
  name: z
    .string()
    .regex(/^[a-z0-9-]{1,40}$/)
    .describe("Unique; signals and metrics use it."),
  egress: z
    .strictObject({
      origin: z
        .string()
        .min(1)
        .max(300)
        .describe("`https://host` or `https://host:port`; `http` inside your own network."),
      region: z.string().min(1).max(200).describe("Where the service processes what it gets."),
      contractReference: z.string().min(1).max(200).describe("The contract under which it does."),
      timeoutSeconds: z.number().positive().max(300).default(5).describe("One call."),
      maxBytes: z.int().min(256).max(16_777_216).default(1_048_576).describe("Largest answer."),
    })
    .describe("Where content is sent to."),
  keyFile: z.string().min(1).nullable().default(null).describe("File (0600) with the service's key, sent as a bearer."),
  directions: z
    .array(z.enum(["input", "output"]))
    .min(1)
    .default(["input", "output"])
    .describe("Which ways are looked at."),
  deadlineSeconds: z.number().positive().max(300).default(10).describe("All calls for one exchange or window."),
  retries: z.int().min(0).max(5).default(1).describe("Further tries where the service is not available."),
  breakerFailures: z.int().min(1).max(1_000).default(5).describe("Failures in a row after which it is left alone."),
  breakerSeconds: z.number().positive().max(3_600).default(10).describe("For how long."),
  maxChars: z
    .int()
    .min(100)
    .max(1_000_000)
    .default(12_000)
    .describe("Longest text of one question; longer ones are cut."),
  overlapChars: z.int().min(0).max(10_000).default(200).describe("What a piece or window repeats of the one before."),
  maxPieces: z
    .int()
    .min(1)
    .max(10_000)
    .default(512)
    .describe("Most new questions of one exchange; beyond it the check fails."),
  after: z
    .array(z.string().min(1).max(40))
    .max(64)
    .nullable()
    .default(null)
    .describe(
      "Checks that must have ended and found nothing first. Without it detectors and policy models come first, `moderation` last.",
    ),
  remember: z
    .strictObject({
      entries: z.int().min(0).max(1_000_000).default(16_384).describe("Questions remembered; 0 turns it off."),
      minutes: z.number().positive().max(1_440).default(60).describe("For how long."),
    })
    .prefault({})
    .describe("Texts that it answered with nothing at all are not asked about again: keyed digests, in memory."),
  failOpen: FailOpen,
}

/** `kind: moderation`: a service that answers as OpenAI's moderation endpoint does. */
export const ModerationConfig = z
  .strictObject({
    kind: z.literal("moderation").describe("A service that answers as OpenAI's moderation endpoint does."),
    ...shared,
    path: z.string().startsWith("/").default("/v1/moderations").describe("On the service's origin."),
    model: z.string().min(1).max(200).default("omni-moderation-latest").describe("Model it is asked for."),
    images: z
      .boolean()
      .default(false)
      .describe("Whether it is asked about pictures, in categories that look at them. Needs `imagesBasis`."),
    imagesBasis: z
      .strictObject({
        reason: z
          .string()
          .min(10)
          .max(500)
          .describe("Why pictures may be sent to this service: what its vendor's terms and your counsel say."),
        recordedBy: Person.describe("Who recorded it."),
        until: z.iso
          .datetime()
          .describe("When it ends; at most a year from now. Then the check fails until it is renewed."),
      })
      .nullable()
      .default(null)
      .describe("The recorded basis for sending it pictures that no list and no detector of yours found anything in."),
    rules: LabelRules,
  })
  .refine(({ images, imagesBasis }) => !images || imagesBasis !== null, {
    message:
      "images: true sends pictures to this service: record the basis in imagesBasis (reason, recordedBy, until), or leave images out",
    path: ["imagesBasis"],
  })

/** `kind: safeguard`: gpt-oss-safeguard under the operator's policy. */
export const SafeguardConfig = z.strictObject({
  kind: z.literal("safeguard").describe("gpt-oss-safeguard under your own policy."),
  ...shared,
  ...modelApi,
  model: z.string().min(1).max(200).default("openai/gpt-oss-safeguard-20b").describe("Model it is asked for."),
  policyFile: z.string().min(1).describe("Text file with the policy."),
  answer: z
    .enum(SAFEGUARD_ANSWERS)
    .default("violation-category")
    .describe(
      "Form of its answer. `violation-category` is asked for here; the others are those of the model's guide, and the policy itself must ask for them.",
    ),
  effort: z.enum(["low", "medium", "high"]).default("low").describe("How long it reasons."),
  categories: z.array(Label).max(100).default([]).describe("Names that the policy gives its categories and rules."),
  decision: Decisions,
  shadow: Shadow,
})

/** `kind: llama-guard`: Llama Guard 3 or 4. */
export const LlamaGuardConfig = z.strictObject({
  kind: z.literal("llama-guard").describe("Llama Guard 3 or 4, by its own prompt."),
  ...shared,
  ...modelApi,
  model: z.string().min(1).max(200).describe("Model it is asked for."),
  version: z.union([z.literal(3), z.literal("3-1b"), z.literal(4)]).describe("Whose prompt and categories are used."),
  rules: z
    .array(
      z.strictObject({
        category: z.enum(LLAMA_GUARD_CODES as [string, ...string[]]).describe("Its code."),
        decision: Decisions,
        shadow: Shadow,
      }),
    )
    .min(1)
    .default([{ category: "S4", decision: "block", shadow: false }])
    .describe("Categories that count; the others are recorded."),
})

const Pointer = z.string().regex(/^(?:\/[^/]{1,80}){0,8}$/)

/** `kind: http-detector`: any detector over HTTP. */
export const HttpDetectorConfig = z.strictObject({
  kind: z.literal("http-detector").describe("Any detector over HTTP."),
  ...shared,
  path: z.string().startsWith("/").describe("On the service's origin."),
  media: z
    .array(z.enum(["text", "image"]))
    .min(1)
    .describe("What it looks at."),
  ask: z
    .enum(["message", "conversation"])
    .default("message")
    .describe("What one question is about: a message, or the conversation as one text with its speakers."),
  request: z
    .record(z.string(), z.unknown())
    .describe("JSON in which `{{text}}`, `{{image}}` (base64), `{{direction}}` and `{{role}}` are replaced."),
  labels: Pointer.default("/labels").describe("Where the scores by label stand in an answer."),
  list: z
    .strictObject({
      label: z.string().min(1).max(80).describe("Key of the label."),
      score: z.string().min(1).max(80).describe("Key of the score."),
    })
    .nullable()
    .default(null)
    .describe("Where they are a list of objects: the keys."),
  expect: z
    .record(Pointer, z.union([z.string(), z.number(), z.boolean()]))
    .default({})
    .describe("Values that must stand in an answer for it to be one."),
  rules: LabelRules,
})

export type ClassifierConfig = z.infer<
  typeof ModerationConfig | typeof SafeguardConfig | typeof LlamaGuardConfig | typeof HttpDetectorConfig
>
