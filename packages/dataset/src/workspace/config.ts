/**
 * The workspace's configuration: one YAML file, `nightlight.yaml`, validated as a whole before anything runs.
 * @module
 */
import { parseYaml } from "@nightlight/core/yaml"
import { z } from "zod"

const Custody = z
  .strictObject({
    mode: z
      .enum(["locate", "seal"])
      .default("locate")
      .describe(
        "`locate` records where known items are; `seal` also keeps a sealed copy of each. Choose with counsel.",
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
  pixels: z.int().positive().default(100_000_000).describe("Most pixels of one frame."),
  frames: z.int().positive().default(1_000).describe("Most frames or pages of one picture."),
  itemSeconds: z
    .number()
    .positive()
    .max(3_600)
    .default(30)
    .describe("Time for one item; the decoder is killed after it."),
  decoderBytes: z.int().positive().default(2_147_483_648).describe("Memory of one decoder process."),
})

const Scan = z.strictObject({
  profile: z.enum(["fullres", "ref512nn"]).default("fullres").describe("How a picture's PDQ hash is computed."),
  kernel: z.enum(["fast", "exact"]).default("fast").describe("`fast` differs from `exact` by at most 4 bits."),
  processes: z.int().min(0).max(256).default(0).describe("Decoder processes; 0 means one for every core."),
  keepOrientations: z.boolean().default(false).describe("Keep all eight hashes in the sidecars, for hunts."),
  exclude: z
    .array(z.string().min(1))
    .default([])
    .describe(
      "Paths that no scan reads, as globs: `*` and `?` within a name, `**` over folders. A glob without `/` fits a name in any folder, one with `/` the path below the dataset's root.",
    ),
  limits: Limits.prefault({}).describe("Limits of one item."),
})

const S3 = z.strictObject({
  endpoint: z
    .url({ protocol: /^https?$/ })
    .nullable()
    .default(null)
    .describe("Address of an object store that is not AWS's; null: as AWS's environment variables and files say."),
  forcePathStyle: z
    .boolean()
    .nullable()
    .default(null)
    .describe("Whether the bucket stands in the path instead of the host name; null: if there is an endpoint."),
})

/** Schema of `nightlight.yaml`. */
export const WorkspaceConfig = z.strictObject({
  version: z.literal(1).describe("Version of this file's form."),
  custody: Custody.prefault({}).describe("How much of a known item is kept."),
  policy: z.string().min(1).default("policy.yaml").describe("Policy file, relative to the workspace."),
  scan: Scan.prefault({}).describe("How datasets are screened."),
  s3: S3.prefault({}).describe("How `s3://` addresses are reached."),
  audit: z
    .strictObject({
      checkpointCopy: z
        .string()
        .min(1)
        .nullable()
        .default(null)
        .describe("A second file for the log's signed checkpoints, in a place that this account cannot rewrite."),
    })
    .prefault({})
    .describe("The audit log."),
})

/** A valid configuration with every default filled in. */
export type WorkspaceConfig = z.infer<typeof WorkspaceConfig>

/**
 * Reads a configuration.
 *
 * @throws {RequestError} `config_invalid`, naming each offending key and its line.
 */
export function parseConfig(text: string): WorkspaceConfig {
  return parseYaml(text, WorkspaceConfig, {
    name: "nightlight.yaml",
    hint: "docs/reference/config.md lists every key.",
  })
}
