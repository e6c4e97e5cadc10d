/**
 * The workspace's configuration: one YAML file, `nightlight.yaml`, checked whole before anything runs.
 * @module
 */
import { RequestError } from "@nightlight/core"
import { type Document, LineCounter, parseDocument } from "yaml"
import { z } from "zod"

const Custody = z
  .strictObject({
    mode: z
      .enum(["locate", "seal"])
      .default("locate")
      .describe(
        "`locate` records where known items are; `seal` also keeps a sealed copy of each. Chosen with counsel.",
      ),
    basis: z
      .string()
      .min(1)
      .max(500)
      .nullable()
      .default(null)
      .describe("Why sealed copies may be kept, such as registration as a US provider. Needed for `seal`."),
  })
  .refine((custody) => custody.mode === "locate" || custody.basis !== null, {
    message: "custody.mode `seal` needs custody.basis: say why sealed copies may be kept",
    path: ["basis"],
  })

const Limits = z.strictObject({
  itemBytes: z.int().positive().default(268_435_456).describe("A larger picture is digested but not decoded."),
  pixels: z.int().positive().default(100_000_000).describe("Pixels of one frame."),
  frames: z.int().positive().default(1_000).describe("Frames or pages of one picture."),
  itemSeconds: z
    .number()
    .positive()
    .max(3_600)
    .default(30)
    .describe("Time for one item; the decoder is killed after it."),
  decoderBytes: z.int().positive().default(2_147_483_648).describe("Memory of one decoder process."),
})

const Scan = z.strictObject({
  profile: z.enum(["fullres", "ref512nn"]).default("fullres").describe("How a picture is brought to its PDQ hash."),
  kernel: z.enum(["fast", "exact"]).default("fast").describe("`fast` differs from `exact` by at most 4 bits."),
  processes: z.int().min(0).max(256).default(0).describe("Decoder processes; 0 is one for every two cores."),
  keepOrientations: z.boolean().default(false).describe("Keep all eight hashes in the sidecars, for hunts."),
  limits: Limits.prefault({}).describe("What one item may cost."),
})

/** Schema of `nightlight.yaml`. */
export const WorkspaceConfig = z.strictObject({
  version: z.literal(1).describe("Version of this file's form."),
  custody: Custody.prefault({}).describe("What is kept of a known item."),
  policy: z.string().min(1).default("policy.yaml").describe("Policy file, relative to the workspace."),
  scan: Scan.prefault({}).describe("How datasets are screened."),
  audit: z
    .strictObject({
      checkpointCopy: z
        .string()
        .min(1)
        .nullable()
        .default(null)
        .describe("A second file for the log's signed checkpoints, where this account cannot rewrite it."),
    })
    .prefault({})
    .describe("The audit log."),
})

/** A checked configuration with every default filled in. */
export type WorkspaceConfig = z.infer<typeof WorkspaceConfig>

/** Largest configuration file, bytes. */
const MAX_CONFIG_BYTES = 65_536

/**
 * Reads a configuration.
 *
 * @throws {RequestError} `config_invalid`, naming each offending key and its line.
 */
export function parseConfig(text: string): WorkspaceConfig {
  if (text.length > MAX_CONFIG_BYTES) throw invalid([`the file is larger than ${MAX_CONFIG_BYTES} bytes`])
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true })
  if (document.errors.length > 0) {
    throw invalid(
      document.errors.map((error) => `line ${lines.linePos(error.pos[0]).line}: ${error.code.toLowerCase()}`),
    )
  }
  const parsed = WorkspaceConfig.safeParse(toPlain(document))
  if (!parsed.success) {
    throw invalid(
      parsed.error.issues.map((issue) => {
        const node = document.getIn(issue.path as (string | number)[], true) as { range?: [number] } | undefined
        const line = node?.range === undefined ? "" : `line ${lines.linePos(node.range[0]).line}: `
        return `${line}${issue.path.join(".") || "file"}: ${issue.message}`
      }),
    )
  }
  return parsed.data
}

function toPlain(document: Document): unknown {
  try {
    return document.toJS({ maxAliasCount: 0 })
  } catch {
    throw invalid(["aliases are not followed"])
  }
}

function invalid(problems: readonly string[]): RequestError {
  return new RequestError("config_invalid", `nightlight.yaml is not usable: ${problems.join("; ")}`, {
    hint: "docs/reference/config.md lists every key.",
  })
}
