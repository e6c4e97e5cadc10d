/**
 * `guard.yaml`: every setting of a guard.
 * @module
 */
import { WITHOUT_ISOLATION } from "@nightlight/core"
import { z } from "zod"
import { accountConfig } from "../checks/account/config.ts"
import {
  HttpDetectorConfig,
  LlamaGuardConfig,
  ModerationConfig,
  SafeguardConfig,
} from "../checks/classifiers/config.ts"
import { HashMatchConfig } from "../checks/hash-match/config.ts"
import { PatternsConfig } from "../checks/patterns/config.ts"
import { ENDPOINT_NAMES } from "../endpoints/all.ts"
import { FindingsConfig } from "../incidents/config.ts"

const Host = z.string().min(1).max(255)
const Port = z.int().min(0).max(65_535)

/** One check; `kind` says which. */
export const CheckConfig = z.discriminatedUnion("kind", [
  HashMatchConfig,
  PatternsConfig,
  ModerationConfig,
  SafeguardConfig,
  LlamaGuardConfig,
  HttpDetectorConfig,
  accountConfig(ENDPOINT_NAMES),
])
export type CheckConfig = z.infer<typeof CheckConfig>

const Exception = z
  .strictObject({
    surface: z
      .string()
      .regex(
        new RegExp(
          `^(?:${ENDPOINT_NAMES.map((name) => name.replace(".", "\\.")).join("|")})\\.(?:input|output)\\.(?:text|image)$`,
        ),
      )
      .describe("Such as `chat.output.text`."),
    reason: z.string().min(1).max(500).describe("Why it may pass unscreened."),
    approvedBy: z.tuple([z.string().min(1).max(200), z.string().min(1).max(200)]).describe("Two people."),
    until: z.iso.datetime().describe("When it ends; at most a year from now."),
  })
  .refine(({ approvedBy: [first, second] }) => first.trim().toLowerCase() !== second.trim().toLowerCase(), {
    message: "an exception needs two different people",
    path: ["approvedBy"],
  })

const Upstream = z.strictObject({
  url: z
    .url({ protocol: /^https?$/ })
    .nullable()
    .default(null)
    .describe("Base URL of the service behind the guard, such as `http://127.0.0.1:8000/v1`; or `--upstream`."),
  auth: z
    .enum(["caller", "key", "none"])
    .default("caller")
    .describe(
      "What the upstream is given: the caller's own authorization (only without a keys file), the key of `keyFile`, or nothing.",
    ),
  keyFile: z.string().min(1).nullable().default(null).describe("File (0600) with the upstream's key."),
  connections: z
    .int()
    .min(1)
    .max(4096)
    .default(512)
    .describe("Connections at once. A stream holds one to its end: at least as many as streams at once."),
  waitSeconds: z
    .number()
    .min(0.1)
    .max(300)
    .default(5)
    .describe(
      "How long a call waits for a connection when all are in use; then it is refused with 503, to be tried again.",
    ),
  headersSeconds: z.number().positive().max(3600).default(120).describe("Until the upstream begins to answer."),
  idleSeconds: z.number().positive().max(3600).default(60).describe("Between two pieces of an answer."),
})

const HoldBack = z.strictObject({
  mode: z
    .enum(["windows", "all"])
    .default("windows")
    .describe("`all`: nothing is released before the whole answer was checked."),
  windowChars: z.int().min(16).max(100_000).default(400).describe("Characters that make a window for classifiers."),
  firstWindowChars: z.int().min(16).max(100_000).default(120).describe("The same for the first window."),
  maxHeldBytes: z
    .int()
    .min(4096)
    .max(268_435_456)
    .default(1_048_576)
    .describe("Held of texts at most; beyond it the answer ends."),
  maxHeldPictureBytes: z
    .int()
    .min(4096)
    .max(268_435_456)
    .default(33_554_432)
    .describe("Held at most of a picture in a text, in the characters it is written in; beyond it the answer ends."),
  keepAliveSeconds: z
    .number()
    .min(0.1)
    .max(15)
    .default(10)
    .describe("A comment is sent this often while nothing is released."),
})

const Limits = z.strictObject({
  requestBytes: z.int().min(1024).max(268_435_456).default(33_554_432).describe("Largest request."),
  answerBytes: z.int().min(1024).max(268_435_456).default(67_108_864).describe("Largest answer, streamed or not."),
  pictureBytes: z
    .int()
    .min(1024)
    .max(268_435_456)
    .default(20_971_520)
    .describe("Largest picture that a link leads to."),
  bodySeconds: z.number().positive().max(3600).default(60).describe("Until a request is there whole."),
  perMinute: z.int().min(1).default(6_000_000).describe("Calls of one key a minute, in the long run."),
  burst: z.int().min(1).default(100_000).describe("Calls of one key at once."),
  bodiesAtOnce: z.int().min(1).max(100_000).default(512).describe("Bodies of one key that come in at once; then 429."),
  bytesAtOnce: z
    .int()
    .min(1_048_576)
    .max(17_179_869_184)
    .default(268_435_456)
    .describe("Bytes of the bodies of one key's calls under way, in each process; then 429, the body unread."),
  choices: z.int().min(1).max(128).default(16).describe("Choices of one request."),
})

export const GuardConfig = z
  .strictObject({
    version: z.literal(1).describe("Version of this file's form."),
    listen: z
      .strictObject({
        host: Host.default("127.0.0.1").describe("Address for callers."),
        port: Port.default(8081).describe("Port for callers."),
      })
      .prefault({})
      .describe("Where callers come in."),
    admin: z
      .strictObject({
        host: Host.default("127.0.0.1").describe("Address of readiness and metrics."),
        port: Port.default(8082).describe("Port of readiness and metrics."),
      })
      .prefault({})
      .describe("Readiness and metrics; never where callers are."),
    workers: z
      .int()
      .min(1)
      .max(64)
      .default(1)
      .describe("Processes that take calls; lists, decoders and accounts are held once. Counts at the start alone."),
    upstream: Upstream.prefault({}).describe("The service behind the guard."),
    keysFile: z
      .string()
      .min(1)
      .nullable()
      .default(null)
      .describe(
        "YAML file with the keys that may call; without one everybody who reaches the port may, and nobody is trusted.",
      ),
    endpoints: z
      .array(z.enum(ENDPOINT_NAMES))
      .min(1)
      .nullable()
      .default(null)
      .describe("Endpoints that are open; all unless given. Every surface of each needs a check or an exception."),
    checks: z
      .array(CheckConfig)
      .max(64)
      .default([{ kind: "hash-match", name: "lists", deadlineSeconds: 35 }])
      .describe("The checks, in any order: matches come first, classifiers last."),
    exceptions: z
      .array(Exception)
      .max(64)
      .default([])
      .describe("Surfaces that may pass though nothing real looks at them: by two people, with an end."),
    holdBack: HoldBack.prefault({}).describe("How streams are held back."),
    limits: Limits.prefault({}).describe("What one call may cost."),
    decoder: z
      .strictObject({
        withoutIsolation: z
          .enum(WITHOUT_ISOLATION)
          .default("refuse")
          .describe(
            "Whether the guard starts where this system isolates no decoder: a person's choice. Counts at the start alone.",
          ),
      })
      .prefault({})
      .describe("What decodes pictures."),
    findings: FindingsConfig.prefault({}).describe("What is kept of what was blocked, and where it is delivered."),
    generationLog: z
      .strictObject({
        enabled: z.boolean().default(false).describe("Off unless counsel agrees: it is kept of every picture made."),
        retentionDays: z.int().min(1).max(3650).default(90).describe("Whole days are removed after so many."),
      })
      .prefault({})
      .describe("Hash, model, time and keyed account of each picture that a model made: `did we make this?`"),
    messages: z
      .record(z.string().regex(/^[a-z]{2,3}(?:-[a-z0-9]{2,8})*$/), z.string().min(1).max(2000))
      .default({})
      .describe("What a caller reads when something was blocked, by language."),
  })
  .refine(({ findings }) => (findings.server === null) === (findings.keyFile === null), {
    message: "findings.server and findings.keyFile come together",
    path: ["findings", "keyFile"],
  })
  .refine(({ upstream }) => upstream.auth !== "key" || upstream.keyFile !== null, {
    message: "upstream.auth `key` needs upstream.keyFile",
    path: ["upstream", "keyFile"],
  })
  .refine(({ upstream, keysFile }) => upstream.auth !== "caller" || keysFile === null, {
    message: "with a keys file the callers' authorization is this guard's: set upstream.auth to `key` or `none`",
    path: ["upstream", "auth"],
  })

/** A valid configuration with every default filled in. */
export type GuardConfig = z.infer<typeof GuardConfig>
