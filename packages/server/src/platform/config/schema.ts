/**
 * The server's configuration: one YAML file, `server.yaml`, checked whole before anything runs.
 * @module
 */
import { VIEWING_RANGE } from "@nightlight/contract/server"
import { COMMITMENT_IDS, WITHOUT_ISOLATION } from "@nightlight/core"
import { z } from "zod"
import { CheckpointCopy } from "./checkpoint-copy.ts"
import { Origin, Text } from "./parts.ts"

const Listen = z.strictObject({
  host: Text(255).default("127.0.0.1").describe("Address to listen on. TLS ends in front of it, on another server."),
  port: z.int().min(0).max(65_535).default(8080).describe("Port; 0 lets the system choose."),
  trustedProxies: z
    .array(z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()]))
    .max(32)
    .default([])
    .describe("Addresses of proxies whose X-Forwarded-For is trusted; failed sign-ins are throttled by it."),
})

const Admin = z.strictObject({
  host: z.enum(["127.0.0.1", "::1"]).default("127.0.0.1").describe("Metrics and health detail: only on this machine."),
  port: z
    .int()
    .min(0)
    .max(65_535)
    .nullable()
    .default(null)
    .describe("Port of the metrics; null: none; 0 lets the system choose."),
})

const Contact = z.strictObject({
  firstName: Text(100).describe("First name of the person NCMEC may call."),
  lastName: Text(100).describe("Last name."),
  email: z.email().max(255).describe("Address for answers."),
  phone: Text(50).nullable().default(null).describe("With country code."),
})

const Organisation = z.strictObject({
  company: Text(255).nullable().default(null).describe("Name in reports."),
  contact: Contact.nullable().default(null).describe("Who reports; required before a report can be filed."),
  termsUrl: z.url().max(2048).nullable().default(null).describe("Terms of service that reports point to."),
  legalUrl: z
    .url()
    .max(2048)
    .nullable()
    .default(null)
    .describe("Page that tells law enforcement how to make requests."),
})

const Review = z.strictObject({
  secondReviewSampling: z
    .number()
    .min(0)
    .max(1)
    .default(0.1)
    .describe("Share of decisions that a second reviewer decides again, without seeing the first."),
  clock: z
    .strictObject({
      startsAt: z
        .enum(["intake", "found"])
        .default("intake")
        .describe("When a pushed match counts as known: when it is verified here, or when its source found it."),
      danger: z.boolean().default(true).describe("Whether a flag of imminent danger starts the clock."),
      attestedView: z
        .boolean()
        .default(true)
        .describe("Whether a person's attestation that they viewed a whole file starts the clock."),
    })
    .prefault({})
    .describe("What starts a case's 24 hours besides an exact match and a decision. Counsel decides."),
})

const TimeZone = z
  .string()
  .max(64)
  .refine((zone) => Intl.supportedValuesOf("timeZone").includes(zone) || zone === "UTC", {
    message: "expected an IANA time zone such as Europe/Berlin",
  })

const Exposure = z.strictObject({
  timeZone: TimeZone.default("UTC").describe("Time zone at whose midnight a day of viewings ends."),
  itemsPerDay: z.int().min(1).max(500).default(60).describe("Viewings of one reviewer in a day."),
  originalsPerDay: z.int().min(0).max(100).default(10).describe("Of them, whole files."),
  minutesPerDay: z.int().min(5).max(300).default(300).describe("Minutes of viewing in a day."),
  breakAfterMinutes: z.int().min(5).max(120).default(55).describe("A break is due this long after the first viewing."),
  breakMinutes: z.int().min(5).max(120).default(10).describe("Its length."),
})

const Viewing = z.strictObject({
  maxSizePx: z
    .int()
    .min(VIEWING_RANGE.sizePx.min)
    .max(VIEWING_RANGE.sizePx.max)
    .default(VIEWING_RANGE.sizePx.max)
    .describe("Longest side of what is shown, pixels."),
  minBlurPx: z
    .int()
    .min(VIEWING_RANGE.blurPx.min)
    .max(VIEWING_RANGE.blurPx.max)
    .default(VIEWING_RANGE.blurPx.min)
    .describe("Minimum blur that is added to the custodian's own, pixels."),
  maxSeconds: z
    .int()
    .min(VIEWING_RANGE.hideAfterSeconds.min)
    .max(VIEWING_RANGE.hideAfterSeconds.max)
    .default(VIEWING_RANGE.hideAfterSeconds.max)
    .describe("Seconds until what is shown is hidden again."),
})

const Pager = z.strictObject({
  webhook: z
    .url()
    .max(2048)
    .refine((url) => /^https:|^http:\/\/(127\.0\.0\.1|\[::1\]|localhost)[:/]/.test(url), {
      message: "expected https, or http on this machine",
    })
    .nullable()
    .default(null)
    .describe("Receives a POST with a code and a case's id when a child may be in danger now."),
  command: z.array(Text(1024)).max(20).default([]).describe("A program and its arguments, run with code and id added."),
  contact: z
    .strictObject({
      name: Text(100).describe("Who answers, such as `Duty officer`."),
      telephone: z
        .string()
        .regex(/^\+?[0-9][0-9 ()/.-]{2,40}$/)
        .describe("As it is dialled."),
    })
    .nullable()
    .default(null)
    .describe("Whom to telephone if no pager accepts a call; shown to everybody who reads cases or alarms."),
})

const Provider = z.strictObject({
  id: z
    .string()
    .regex(/^[a-z][a-z0-9-]{0,39}$/)
    .describe("Short name in links."),
  label: Text(80).describe("Text of the sign-in button."),
  issuer: z.url().max(2048).describe("The provider's issuer URL, https."),
  clientId: Text(255).describe("Client id registered there."),
  clientSecretFile: Text(1024).nullable().default(null).describe("File (0600) with the client's secret."),
})

const Hour = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/)

const WorkingHours = z.strictObject({
  timeZone: Text(64)
    .refine(isTimeZone, { message: "expected a time zone such as Europe/Berlin" })
    .describe("IANA name."),
  from: Hour.describe("Such as 08:00."),
  to: Hour.describe("Such as 18:00; before `from` for a night shift."),
})

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: name })
    return true
  } catch {
    return false
  }
}

const Paths = z.strictObject({
  contextKey: Text(1024)
    .default("context.key")
    .describe("Key of the context compartment. Backups of the database do not contain it."),
  digestKey: Text(1024).default("digest.key").describe("Key of the index's digests."),
  workspace: Text(1024).default("..").describe("The workspace: lists, index, policy, evidence."),
  custodianSocket: Text(1024).default("../custodian/run/custodian.sock").describe("The custodian's socket."),
  custodianConfig: Text(1024)
    .default("../custodian/custodian.yaml")
    .describe("Shows whether a custodian was ever made; nothing is read from it."),
})

const Authority = z.strictObject({
  id: z
    .string()
    .regex(/^[a-z][a-z0-9-]{0,39}$/)
    .refine((id) => id !== "ncmec", { message: "NCMEC's interface is built in" })
    .describe("Short name."),
  name: Text(120).describe("Name for people."),
  page: z.url().max(2048).nullable().default(null).describe("Page where people report; never called."),
})

const Keys = z.strictObject({
  version: z.literal(1).describe("Version of this file's form."),
  checkpoints: z
    .strictObject({ copies: z.array(CheckpointCopy).max(8).default([]).describe("Places that the worker copies to.") })
    .prefault({})
    .describe("Where the log's signed checkpoints are copied to."),
  demo: z
    .boolean()
    .default(false)
    .describe(
      "Whether this is a demonstration, as `nightlight up --demo` makes it: every page says so, and production reports are refused.",
    ),
  origins: z
    .array(Origin)
    .max(16)
    // Cookies are made for the first origin: made for plain http, they would not be bound to TLS on the others.
    .refine((all) => all[0]?.startsWith("https:") !== false || all.every((origin) => origin.startsWith("http:")), {
      message: "expected an https origin first, if there is one",
    })
    .default([])
    .describe("Origins that browsers call; links use the first. Empty: only this machine, with the port."),
  listen: Listen.prefault({}).describe("Where the server listens."),
  admin: Admin.prefault({}).describe("Metrics and health detail."),
  organisation: Organisation.prefault({}).describe("Who reports."),
  review: Review.prefault({}).describe("How cases are decided."),
  exposure: Exposure.prefault({}).describe("What one reviewer may view: a daily budget and breaks."),
  viewing: Viewing.prefault({}).describe(
    "Limits of how items are shown; people can make them stricter for themselves.",
  ),
  pager: Pager.prefault({}).describe("How a person is paged; in any case the home screen shows an alarm."),
  signIn: z
    .strictObject({
      passwords: z.boolean().default(true).describe("Whether people may sign in by password and code."),
      workingHours: WorkingHours.nullable()
        .default(null)
        .describe("When people are expected to sign in; at another hour an alarm is raised."),
      providers: z.array(Provider).max(10).default([]).describe("Single sign-on (OpenID Connect)."),
    })
    .prefault({})
    .describe("How people sign in."),
  approvals: z
    .strictObject({
      signed: z
        .enum(["required", "when-enrolled"])
        .default("required")
        .describe(
          "Who must sign approvals: everybody, or only people who have enrolled a key. Destruction and disclosure are always signed.",
        ),
    })
    .prefault({})
    .describe("Approvals."),
  authorities: z
    .array(Authority)
    .max(50)
    .default([])
    .describe("Authorities besides NCMEC that people report to manually, such as a national hotline."),
  reports: z
    .strictObject({
      environment: z
        .enum(["test", "production"])
        .default("test")
        .describe("Which CyberTipline. The custodian's own configuration is authoritative."),
      sharedCustody: z
        .enum(["refuse", "accept"])
        .default("refuse")
        .describe(
          "Whether production reports are filed while the custodian runs as the server's own OS user: a person's choice.",
        ),
      automaticFiling: z
        .literal("off")
        .default("off")
        .describe("Switched on by an approval in the console, never here."),
    })
    .prefault({})
    .describe("Reports to NCMEC."),
  commitments: z
    .strictObject({
      notApplicable: z
        .partialRecord(z.enum(COMMITMENT_IDS), Text(300))
        .default({})
        .describe("Commitments that do not apply to you, by id such as D2, each with the reason that the page shows."),
    })
    .prefault({})
    .describe("How the eleven commitments are shown."),
  decoder: z
    .strictObject({
      withoutIsolation: z
        .enum(WITHOUT_ISOLATION)
        .default("refuse")
        .describe(
          "Whether media are decoded and reports filed although this system isolates no decoder and reports go to production: a person's choice.",
        ),
    })
    .prefault({})
    .describe("The decoder of media."),
  screen: z
    .strictObject({
      concurrency: z
        .int()
        .min(1)
        .max(10_000)
        .default(64)
        .describe("Screenings of all keys in progress at once in each server process; then 503."),
    })
    .prefault({})
    .describe("Limits of callers of `/v1/screen`."),
  limits: z
    .strictObject({
      callsPerMinute: z
        .int()
        .min(60)
        .max(100_000_000)
        .default(30_000)
        .describe(
          "Calls that one key, or one signed-in person, may make in a minute, in each server process; then 429.",
        ),
      concurrentBodies: z
        .int()
        .min(4)
        .max(10_000)
        .default(32)
        .describe(
          "Calls with a body that one caller may have in progress at once; then 429, without reading the body.",
        ),
      concurrentBytes: z
        .int()
        .min(1_048_576)
        .max(4_294_967_296)
        .default(50_331_648)
        .describe("Bytes of these bodies together, except sealed files; then 429, without reading the body."),
    })
    .prefault({})
    .describe("Limits of one caller in each server process."),
  preservation: z
    .strictObject({
      backupDays: z
        .int()
        .min(0)
        .max(3_650)
        .default(30)
        .describe("Days until the oldest backup is gone; certificates of destruction state it."),
    })
    .prefault({})
    .describe("How long backups may contain what was destroyed."),
  backup: z
    .strictObject({
      everyHours: z
        .int()
        .min(1)
        .max(720)
        .nullable()
        .default(null)
        .describe("Hours between backups that `nightlight up` makes of the embedded database; null: none."),
      to: Text(1024)
        .nullable()
        .default(null)
        .describe("Folder with one folder for each backup; on another disk. Required if `everyHours` is set."),
      keep: z.int().min(2).max(1_000).default(14).describe("Number of newest backups to keep; older ones are removed."),
    })
    .prefault({})
    .describe("Scheduled backups."),
  audit: z
    .strictObject({
      verifyEveryHours: z
        .int()
        .min(1)
        .max(168)
        .default(1)
        .describe("Hours between the worker's scheduled verifications of the whole log and database."),
    })
    .prefault({})
    .describe("The tamper-evident log."),
  log: z
    .strictObject({
      level: z.enum(["debug", "info", "warn", "error"]).default("info").describe("Lowest level that is written."),
    })
    .prefault({})
    .describe("The structured log, on standard error."),
  paths: Paths.prefault({}).describe("Relative to this file's folder."),
})

/** Schema of `server.yaml`. */
export const ServerConfig = Keys.refine(({ demo, reports }) => !demo || reports.environment === "test", {
  path: ["reports", "environment"],
  message: "a demonstration can only report to the test host",
}).refine(({ backup }) => backup.everyHours === null || backup.to !== null, {
  path: ["backup", "to"],
  message: "expected a folder for the scheduled backups",
})

/** A checked configuration with every default filled in. */
export type ServerConfig = z.infer<typeof ServerConfig>
