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
    approvedBy: z
      .tuple([z.string().min(1).max(200), z.string().min(1).max(200)])
      .describe("The two people who approved it."),
    until: z.iso.datetime().describe("When it ends; at most a year from now."),
  })
  .refine(({ approvedBy: [first, second] }) => first.trim().toLowerCase() !== second.trim().toLowerCase(), {
    message: "an exception needs the approval of two different people",
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
      "Authorization sent to the upstream: the caller's own (only without a keys file), the key of `keyFile`, or none.",
    ),
  keyFile: z.string().min(1).nullable().default(null).describe("File (0600) with the upstream's key."),
  connections: z
    .int()
    .min(1)
    .max(4096)
    .default(512)
    .describe("Connections at once. A stream holds one to its end, so allow at least as many as concurrent streams."),
  waitSeconds: z
    .number()
    .min(0.1)
    .max(300)
    .default(5)
    .describe(
      "How long a call waits for a connection when all are in use; then it is refused with 503 and may be retried.",
    ),
  headersSeconds: z
    .number()
    .positive()
    .max(3600)
    .default(120)
    .describe("Time limit until the upstream begins to answer."),
  idleSeconds: z.number().positive().max(3600).default(60).describe("Time limit between two pieces of an answer."),
})

const HoldBack = z.strictObject({
  mode: z
    .enum(["windows", "all"])
    .default("windows")
    .describe("`all`: nothing is released before the whole answer was checked."),
  windowChars: z.int().min(16).max(100_000).default(400).describe("Characters that make a window for classifiers."),
  firstWindowChars: z.int().min(16).max(100_000).default(120).describe("Characters that make the first window."),
  maxHeldBytes: z
    .int()
    .min(4096)
    .max(268_435_456)
    .default(1_048_576)
    .describe("Most characters of text held; beyond them the answer ends."),
  maxHeldPictureBytes: z
    .int()
    .min(4096)
    .max(268_435_456)
    .default(33_554_432)
    .describe("Most characters held of a picture inside a text; beyond them the answer ends."),
  keepAliveSeconds: z
    .number()
    .min(0.1)
    .max(15)
    .default(10)
    .describe("Time between two comments while nothing is released."),
})

const Limits = z.strictObject({
  requestBytes: z.int().min(1024).max(268_435_456).default(33_554_432).describe("Largest request."),
  answerBytes: z.int().min(1024).max(268_435_456).default(67_108_864).describe("Largest answer, streamed or not."),
  pictureBytes: z.int().min(1024).max(268_435_456).default(20_971_520).describe("Largest picture fetched by a link."),
  bodySeconds: z.number().positive().max(3600).default(60).describe("Time limit until a request has arrived whole."),
  perMinute: z.int().min(1).default(6_000_000).describe("Calls of one key per minute, on average."),
  burst: z.int().min(1).default(100_000).describe("Calls of one key at once."),
  concurrentBodies: z
    .int()
    .min(1)
    .max(100_000)
    .default(512)
    .describe("Request bodies of one key that may arrive at once; then 429."),
  concurrentBytes: z
    .int()
    .min(1_048_576)
    .max(17_179_869_184)
    .default(268_435_456)
    .describe(
      "Bytes of the bodies of one key's calls in progress, in each process; beyond them 429, and the body is not read.",
    ),
  choices: z.int().min(1).max(128).default(16).describe("Largest number of choices in one request."),
})

/** Schema of `guard.yaml`. */
export const GuardConfig = z
  .strictObject({
    version: z.literal(1).describe("Version of this file's form."),
    listen: z
      .strictObject({
        host: Host.default("127.0.0.1").describe("Address of the callers' listener."),
        port: Port.default(8081).describe("Port of the callers' listener."),
      })
      .prefault({})
      .describe("The callers' listener."),
    admin: z
      .strictObject({
        host: Host.default("127.0.0.1").describe("Address of readiness and metrics."),
        port: Port.default(8082).describe("Port of readiness and metrics."),
      })
      .prefault({})
      .describe("The listener of readiness and metrics; never reachable by callers."),
    workers: z
      .int()
      .min(1)
      .max(64)
      .default(1)
      .describe("Processes that accept calls; lists, decoders and accounts exist once. Read only at the start."),
    upstream: Upstream.prefault({}).describe("The service behind the guard."),
    keysFile: z
      .string()
      .min(1)
      .nullable()
      .default(null)
      .describe(
        "YAML file with the keys that may call; without one everybody who reaches the port may call, and nobody is trusted.",
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
      .describe("Surfaces that may pass without a real check: approved by two people, with an end."),
    holdBack: HoldBack.prefault({}).describe("How streams are held back."),
    limits: Limits.prefault({}).describe("Limits of one call."),
    // Under the same names as for the server and the custodian; what it lets go on is another thing in each.
    decoder: z
      .strictObject({
        withoutIsolation: z
          .enum(WITHOUT_ISOLATION)
          .default("refuse")
          .describe(
            "Whether the guard starts where the system cannot isolate the decoders: a person's choice. Read only at the start.",
          ),
      })
      .prefault({})
      .describe("The decoder processes for pictures."),
    findings: FindingsConfig.prefault({}).describe("How blocked content is kept, and where it is delivered."),
    generationLog: z
      .strictObject({
        enabled: z
          .boolean()
          .default(false)
          .describe("Keep it off unless counsel agrees: it covers every picture made."),
        retentionDays: z.int().min(1).max(3650).default(90).describe("Days after which whole days are removed."),
      })
      .prefault({})
      .describe(
        "Log of hash, model, time and keyed account of each picture that a model made; it answers `did we make this?`",
      ),
    messages: z
      .record(z.string().regex(/^[a-z]{2,3}(?:-[a-z0-9]{2,8})*$/), z.string().min(1).max(2000))
      .default({})
      .describe("Message to the caller about blocked content, by language."),
  })
  .refine(({ findings }) => (findings.server === null) === (findings.keyFile === null), {
    message: "findings.server and findings.keyFile must be set together",
    path: ["findings", "keyFile"],
  })
  .refine(({ upstream }) => upstream.auth !== "key" || upstream.keyFile !== null, {
    message: "upstream.auth `key` needs upstream.keyFile",
    path: ["upstream", "keyFile"],
  })
  .refine(({ upstream, keysFile }) => upstream.auth !== "caller" || keysFile === null, {
    message:
      "with a keys file the callers' authorization is meant for this guard: set upstream.auth to `key` or `none`",
    path: ["upstream", "auth"],
  })

/** A valid configuration with every default filled in. */
export type GuardConfig = z.infer<typeof GuardConfig>
