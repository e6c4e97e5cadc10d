import { z } from "zod"
import { LLAMA_GUARD_CODES } from "./llama-guard-form.ts"
import { SAFEGUARD_ANSWERS } from "./safeguard-answer.ts"

const Decisions = z.enum(["clear", "review", "block"]).default("block").describe("The decision when it matches.")
const Shadow = z.boolean().default(false).describe("The match is recorded and counted, and changes nothing.")
const Label = z.string().regex(/^[A-Za-z0-9_ ./-]{1,80}$/)

const LabelRules = z
  .array(
    z.strictObject({
      label: Label.describe("The service's name of the label."),
      threshold: z.number().min(0).max(1).describe("Score from which the rule matches."),
      decision: Decisions,
      shadow: Shadow,
    }),
  )
  .min(1)
  .max(100)
  .describe("Labels that count. Every answer must contain each of them.")

const modelApi = {
  api: z
    .enum(["completions", "chat"])
    .default("completions")
    .describe(
      "`completions`: the model's own raw prompt, as vLLM accepts it. `chat`: for servers that offer only chat, such as Ollama.",
    ),
  path: z
    .string()
    .startsWith("/")
    .nullable()
    .default(null)
    .describe(
      "Path on the service's origin; unless given, `/v1/completions` or `/v1/chat/completions` according to `api`.",
    ),
}

const Person = z.string().min(1).max(200)
const FailOpen = z
  .strictObject({
    reason: z.string().min(1).max(500).describe("Why."),
    approvedBy: z.tuple([Person, Person]).describe("The two people who approved it."),
    until: z.iso.datetime().describe("When it ends."),
  })
  .refine(({ approvedBy: [first, second] }) => first.trim().toLowerCase() !== second.trim().toLowerCase(), {
    message: "an exception needs the approval of two different people",
    path: ["approvedBy"],
  })
  .nullable()
  .default(null)
  .describe("Lets content pass while the service fails; approved by two people, with an end.")

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
      region: z.string().min(1).max(200).describe("Where the service processes the content."),
      contractReference: z.string().min(1).max(200).describe("The contract under which it processes the content."),
      timeoutSeconds: z.number().positive().max(300).default(5).describe("Time limit of one call."),
      maxBytes: z.int().min(256).max(16_777_216).default(1_048_576).describe("Largest answer."),
    })
    .describe("The service that the content is sent to."),
  keyFile: z
    .string()
    .min(1)
    .nullable()
    .default(null)
    .describe("File (0600) with the service's key, sent as a bearer token."),
  directions: z
    .array(z.enum(["input", "output"]))
    .min(1)
    .default(["input", "output"])
    .describe("The directions that are checked."),
  deadlineSeconds: z
    .number()
    .positive()
    .max(300)
    .default(10)
    .describe("Time limit of all calls for one exchange or window."),
  retries: z.int().min(0).max(5).default(1).describe("Retries while the service is not available."),
  breakerFailures: z
    .int()
    .min(1)
    .max(1_000)
    .default(5)
    .describe("Consecutive failures after which it is not called for a while."),
  breakerSeconds: z.number().positive().max(3_600).default(10).describe("How long, in seconds."),
  maxChars: z
    .int()
    .min(100)
    .max(1_000_000)
    .default(12_000)
    .describe("Longest text of one question; longer ones are cut."),
  overlapChars: z
    .int()
    .min(0)
    .max(10_000)
    .default(200)
    .describe("Characters that a piece or window repeats from the one before."),
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
      "Checks that must have ended and found nothing before this one runs. Without it detectors and policy models come first, `moderation` last.",
    ),
  remember: z
    .strictObject({
      entries: z.int().min(0).max(1_000_000).default(16_384).describe("Questions remembered; 0 turns it off."),
      minutes: z.number().positive().max(1_440).default(60).describe("How long, in minutes."),
    })
    .prefault({})
    .describe("Texts in which it found nothing are not asked about again: keyed digests, in memory."),
  failOpen: FailOpen,
}

/** `kind: moderation`: a service that answers as OpenAI's moderation endpoint does. */
export const ModerationConfig = z
  .strictObject({
    kind: z.literal("moderation").describe("A service that answers as OpenAI's moderation endpoint does."),
    ...shared,
    path: z.string().startsWith("/").default("/v1/moderations").describe("Path on the service's origin."),
    model: z.string().min(1).max(200).default("omni-moderation-latest").describe("Name of the model."),
    images: z
      .boolean()
      .default(false)
      .describe("Whether pictures are sent, for the categories that apply to pictures. Needs `imagesBasis`."),
    imagesBasis: z
      .strictObject({
        reason: z
          .string()
          .min(10)
          .max(500)
          .describe("Why pictures may be sent to this service, by its vendor's terms and your counsel."),
        recordedBy: Person.describe("Who recorded it."),
        until: z.iso
          .datetime()
          .describe("When it ends; at most a year from now. Then the check fails until it is renewed."),
      })
      .nullable()
      .default(null)
      .describe(
        "The recorded legal basis for sending it pictures in which no list and no detector of yours found anything.",
      ),
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
  model: z.string().min(1).max(200).default("openai/gpt-oss-safeguard-20b").describe("Name of the model."),
  policyFile: z.string().min(1).describe("Text file with the policy."),
  answer: z
    .enum(SAFEGUARD_ANSWERS)
    .default("violation-category")
    .describe(
      "Form of its answer. The guard asks for `violation-category` itself; the others are those of the model's guide, and the policy must ask for them.",
    ),
  effort: z.enum(["low", "medium", "high"]).default("low").describe("How much the model reasons."),
  categories: z.array(Label).max(100).default([]).describe("Names that the policy gives its categories and rules."),
  decision: Decisions,
  shadow: Shadow,
})

/** `kind: llama-guard`: Llama Guard 3 or 4. */
export const LlamaGuardConfig = z.strictObject({
  kind: z.literal("llama-guard").describe("Llama Guard 3 or 4, with its own prompt."),
  ...shared,
  ...modelApi,
  model: z.string().min(1).max(200).describe("Name of the model."),
  version: z
    .union([z.literal(3), z.literal("3-1b"), z.literal(4)])
    .describe("The version whose prompt and categories are used."),
  rules: z
    .array(
      z.strictObject({
        category: z.enum(LLAMA_GUARD_CODES as [string, ...string[]]).describe("Code of the category."),
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
  path: z.string().startsWith("/").describe("Path on the service's origin."),
  media: z
    .array(z.enum(["text", "image"]))
    .min(1)
    .describe("The medium that it checks."),
  ask: z
    .enum(["message", "conversation"])
    .default("message")
    .describe("The unit of one question: a message, or the conversation as one text with its speakers."),
  request: z
    .record(z.string(), z.unknown())
    .describe("JSON in which `{{text}}`, `{{image}}` (base64), `{{direction}}` and `{{role}}` are replaced."),
  labels: Pointer.default("/labels").describe("Pointer to the scores by label in an answer."),
  list: z
    .strictObject({
      label: z.string().min(1).max(80).describe("Key of the label."),
      score: z.string().min(1).max(80).describe("Key of the score."),
    })
    .nullable()
    .default(null)
    .describe("Keys of the objects, where the scores are a list."),
  expect: z
    .record(Pointer, z.union([z.string(), z.number(), z.boolean()]))
    .default({})
    .describe("Values that an answer must contain to be accepted."),
  rules: LabelRules,
})

/** A configured classifier of any kind. */
export type ClassifierConfig = z.infer<
  typeof ModerationConfig | typeof SafeguardConfig | typeof LlamaGuardConfig | typeof HttpDetectorConfig
>
