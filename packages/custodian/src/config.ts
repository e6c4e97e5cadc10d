/**
 * The custodian's own configuration, `custodian.yaml`, which no server or database can change.
 * @module
 */
import { readFile } from "node:fs/promises"
import { dirname, resolve } from "node:path"
import { SIGNED_KINDS } from "@nightlight/contract/custodian"
import { RequestError, WITHOUT_ISOLATION } from "@nightlight/core"
import { parseYaml } from "@nightlight/core/yaml"
import { z } from "zod"

const Path = z.string().min(1).max(4096)
const Cap = z.int().min(0).max(1_000_000)

const PersonCaps = (perPerson: number, total: number) =>
  z
    .strictObject({
      perPerson: Cap.default(perPerson).describe("Of one person in an hour."),
      total: Cap.default(total).describe("Of all in an hour."),
    })
    .prefault({})

const Caps = z.strictObject({
  derivative: PersonCaps(120, 600).describe("Viewings of a small, grey, blurred rendition."),
  original: PersonCaps(6, 20).describe("Viewings of a whole file."),
  filing: PersonCaps(120, 240).describe("Reports, counted for the person who approved."),
  destroy: PersonCaps(20, 40).describe("Destructions of a case's evidence, counted for the person who approved."),
  disclose: PersonCaps(20, 40).describe("Disclosures, counted for the person who approved."),
  clearing: z
    .strictObject({ total: Cap.default(2_000).describe("Of all in an hour.") })
    .prefault({})
    .describe("Destructions of what reviews cleared."),
  intake: z.strictObject({ total: Cap.default(20_000).describe("Of all in an hour.") }).prefault({}),
  checkpoint: z
    .strictObject({ total: Cap.default(3_600).describe("Of all in an hour; each signs at most 1,000 events.") })
    .prefault({})
    .describe("Checkpoints of the server's log."),
})

const Sizes = z.strictObject({
  originalBytes: z
    .int()
    .positive()
    .max(268_435_456)
    .default(33_554_432)
    .describe("A larger file is not shown to anyone."),
  decodedBytes: z
    .int()
    .positive()
    .max(1_073_741_824)
    .default(268_435_456)
    .describe("A larger file is digested at intake, not decoded."),
  sidePx: z.int().min(32).max(512).default(256).describe("Longest side of a rendition."),
  blurSigma: z.number().min(0.3).max(50).default(4).describe("Blur of a rendition, in its own pixels."),
})

const Hosts = z.strictObject({
  test: z
    .strictObject({
      baseUrl: z.url().default("https://exttest.cybertip.org/ispws").describe("The host where reports are discarded."),
      authorityFile: Path.nullable()
        .default(null)
        .describe("File of the certificate authorities (PEM) of this host, in place of Node's own."),
    })
    .prefault({})
    .describe("The test host: reports sent here are discarded."),
  production: z
    .strictObject({
      enabled: z.boolean().default(false).describe("Whether reports are filed for good."),
      baseUrl: z
        .url()
        .default("https://report.cybertip.org/ispws")
        .describe("The production host, where reports count."),
    })
    .prefault({}),
  answerMs: z.int().min(100).max(600_000).default(120_000).describe("How long an answer may take."),
})

const HOST_NAME = /^(?=.{1,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?$/

const Passkeys = z
  .strictObject({
    rpId: z
      .string()
      .regex(HOST_NAME, "expected a host name in lower case; browsers accept no IP address")
      .default("localhost")
      .describe("Host name that people's passkeys are made for: the console's, or a domain above it."),
    origins: z
      .array(z.string().max(300))
      .max(16)
      .default([])
      .describe("Origins of the console, such as `https://nightlight.example`; none: `http://localhost` on any port."),
    require: z
      .array(z.enum(SIGNED_KINDS))
      .max(SIGNED_KINDS.length)
      .default([])
      .describe("Kinds of document that a kept key must not sign, not even for a person without a passkey."),
  })
  .superRefine(({ rpId, origins }, issues) => {
    if (origins.length === 0 && rpId !== "localhost") {
      issues.addIssue({ code: "custom", path: ["origins"], message: `expected the console's origin under ${rpId}` })
    }
    for (const [place, origin] of origins.entries()) {
      if (isOriginUnder(origin, rpId)) continue
      const message = `expected an https origin (or http://localhost) whose host is ${rpId} or below it`
      issues.addIssue({ code: "custom", path: ["origins", place], message })
    }
  })

function isOriginUnder(origin: string, rpId: string): boolean {
  const url = URL.canParse(origin) ? new URL(origin) : undefined
  if (url === undefined || url.origin !== origin) return false
  const isLoopback = url.protocol === "http:" && url.hostname === "localhost" && rpId === "localhost"
  const isUnder = url.hostname === rpId || (rpId.includes(".") && url.hostname.endsWith(`.${rpId}`))
  return isUnder && (isLoopback || url.protocol === "https:")
}

/** Schema of `custodian.yaml`. */
export const CustodianConfig = z.strictObject({
  version: z.literal(1).describe("Version of this file's form."),
  evidence: Path.describe("Folder of sealed evidence, relative to this file."),
  recipients: z
    .strictObject({
      manifest: Path.describe("Signed manifest of the keys that evidence is sealed to."),
      key: Path.describe("Public half of the key that signs it."),
    })
    .nullable()
    .default(null)
    .describe("Compared with the custodian's own key when it is unlocked."),
  recipient: z.string().min(1).describe("Public half of the first identity."),
  identities: z
    .array(Path)
    .min(1)
    .max(16)
    .default(["identity.age"])
    .describe("Files with private halves, the present one first; all under one passphrase."),
  lists: Path.nullable()
    .default(null)
    .describe("Folder of snapshots of hash lists, NAME.hashes, against which automatic filing is matched."),
  keyFile: Path.nullable().default(null).describe("File (0600) whose first line is the passphrase."),
  socket: Path.default("run/custodian.sock").describe("Unix socket, alone in its folder."),
  socketGroup: z
    .int()
    .nonnegative()
    .nullable()
    .default(null)
    .describe("Group id that may use the socket, if the server runs as another user."),
  journalCopy: Path.nullable().default(null).describe("A second file for the journal's own signed checkpoints."),
  checkpointCopy: Path.nullable().default(null).describe("A second file for the checkpoints of the server's log."),
  hosts: Hosts.prefault({}).describe("NCMEC's hosts, pinned."),
  schemaVersion: z.enum(["2025-06", "2026-08"]).default("2025-06").describe("Schema of the written reports."),
  singlePersonFiling: z
    .boolean()
    .default(false)
    .describe("Whether one person may prepare and approve a report, if nobody else is available."),
  passkeys: Passkeys.prefault({}).describe("Where people's passkeys are used, and which documents need one."),
  caps: Caps.prefault({}).describe("Hourly limits, whatever the server requests."),
  sizes: Sizes.prefault({}).describe("How large."),
  decoder: z
    .strictObject({
      withoutIsolation: z
        .enum(WITHOUT_ISOLATION)
        .default("refuse")
        .describe("Whether it can be unlocked although this system isolates no decoder: a person's choice."),
    })
    .prefault({})
    .describe("The decoder of evidence."),
})

/** A checked configuration with every default filled in and every path absolute. */
export type CustodianConfig = z.infer<typeof CustodianConfig>

/**
 * Reads a configuration.
 *
 * @param path - Absolute; paths inside the file are relative to its folder.
 * @throws {RequestError} `config_invalid`, naming each offending key; `not_found` if there is no such file.
 */
export async function readConfig(path: string): Promise<CustodianConfig> {
  return (await readWrittenConfig(path)).config
}

/** As {@link readConfig}; `written` is the file's content, with unresolved paths. */
export async function readWrittenConfig(
  path: string,
): Promise<{ readonly config: CustodianConfig; readonly written: CustodianConfig }> {
  const text = await readFile(path, "utf8").catch(() => {
    throw new RequestError("not_found", "there is no custodian.yaml here", {
      hint: "nightlight custodian init makes it.",
    })
  })
  const written = parseConfig(text)
  const resolvePath = (relative: string) => resolve(dirname(path), relative)
  const maybe = (relative: string | null) => (relative === null ? null : resolvePath(relative))
  const { recipients, hosts } = written
  const config = {
    ...written,
    evidence: resolvePath(written.evidence),
    recipients:
      recipients === null ? null : { manifest: resolvePath(recipients.manifest), key: resolvePath(recipients.key) },
    identities: written.identities.map(resolvePath),
    lists: maybe(written.lists),
    keyFile: maybe(written.keyFile),
    socket: resolvePath(written.socket),
    hosts: { ...hosts, test: { ...hosts.test, authorityFile: maybe(hosts.test.authorityFile) } },
    journalCopy: maybe(written.journalCopy),
    checkpointCopy: maybe(written.checkpointCopy),
  }
  return { config, written }
}

/**
 * Checks the text of a configuration, without resolving paths.
 *
 * @throws {RequestError} `config_invalid`.
 */
export function parseConfig(text: string): CustodianConfig {
  return parseYaml(text, CustodianConfig, {
    name: "custodian.yaml",
    hint: "docs/reference/custodian-config.md lists every key.",
  })
}
