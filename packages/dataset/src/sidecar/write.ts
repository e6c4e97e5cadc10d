/**
 * Writes fingerprint sidecars: Parquet, hashes as fixed-length plain columns in one page per row group, so that a hunt
 * reads them as one byte range. The same rows give the same bytes.
 * @module
 */
import { ByteWriter, parquetWrite } from "hyparquet-writer"
import { SIDECAR_VIEWS, type SidecarRow } from "./rows.ts"

/** Rows of one row group: a page of hashes is then 3.2 MB. */
export const ROW_GROUP_ROWS = 100_000

/** Written into the file's metadata; a reader refuses a newer one. */
export const SIDECAR_VERSION = "1"

const FIXED = { type: "FIXED_LEN_BYTE_ARRAY", repetition_type: "REQUIRED" } as const
const INT32 = { type: "INT32", repetition_type: "REQUIRED" } as const
const TEXT = { type: "BYTE_ARRAY", converted_type: "UTF8", repetition_type: "REQUIRED" } as const

/** As the writer's own reader defines it, which may be of another version than ours. */
type SchemaElement = NonNullable<Parameters<typeof parquetWrite>[0]["schema"]>[number]

/** Facts about the scan that made a sidecar. */
export interface SidecarMeta {
  readonly scan: string
  readonly shard: string
  readonly profile: string
  readonly kernel: string
  /** Whether the columns of all eight orientations are there. */
  readonly orientations: boolean
}

/**
 * Writes the rows of one shard as a Parquet file's bytes.
 *
 * @param rows - in the order of ordinals; kept as given.
 */
export function encodeSidecar(rows: readonly SidecarRow[], meta: SidecarMeta): Uint8Array {
  const bytes = (pick: (row: SidecarRow) => string) => rows.map((row) => Buffer.from(pick(row), "hex"))
  const columns: Column[] = [
    { name: "ordinal", schema: INT32, data: rows.map((row) => row.ordinal) },
    { name: "frame", schema: INT32, data: rows.map((row) => row.frame) },
    { name: "view", schema: INT32, data: rows.map((row) => SIDECAR_VIEWS.indexOf(row.view)) },
    { name: "media_type", schema: TEXT, data: rows.map((row) => row.mediaType) },
    { name: "size_bytes", schema: { ...INT32, type: "INT64" }, data: rows.map((row) => BigInt(row.sizeBytes)) },
    { name: "md5", schema: { ...FIXED, type_length: 16 }, data: bytes((row) => row.md5) },
    { name: "sha1", schema: { ...FIXED, type_length: 20 }, data: bytes((row) => row.sha1) },
    { name: "sha256", schema: { ...FIXED, type_length: 32 }, data: bytes((row) => row.sha256) },
    { name: "pdq", schema: { ...FIXED, type_length: 32 }, data: bytes((row) => row.pdq) },
    { name: "pdq_quality", schema: INT32, data: rows.map((row) => row.pdqQuality) },
    { name: "pdq_cropped", schema: { ...FIXED, type_length: 32 }, data: bytes((row) => row.pdqCropped) },
    { name: "pdq_cropped_quality", schema: INT32, data: rows.map((row) => row.pdqCroppedQuality) },
  ]
  if (meta.orientations) {
    columns.push(
      { name: "dihedral", schema: { ...FIXED, type_length: 256 }, data: bytes((row) => row.dihedral) },
      { name: "dihedral_cropped", schema: { ...FIXED, type_length: 256 }, data: bytes((row) => row.dihedralCropped) },
    )
  }
  const writer = new ByteWriter()
  // It writes to memory synchronously; only file writers return a promise.
  void parquetWrite({
    writer,
    columnData: columns.map(({ name, data }) => ({ name, data, encoding: "PLAIN" as const })),
    schema: [
      { name: "root", num_children: columns.length },
      ...columns.map(({ name, schema }): SchemaElement => ({ name, ...schema })),
    ],
    codec: "UNCOMPRESSED",
    statistics: false,
    rowGroupSize: ROW_GROUP_ROWS,
    pageSize: Number.MAX_SAFE_INTEGER,
    createdBy: "nightlight",
    kvMetadata: [
      { key: "nightlight.sidecar", value: SIDECAR_VERSION },
      ...Object.entries(meta).map(([key, value]) => ({ key: `nightlight.${key}`, value: String(value) })),
    ],
  })
  return writer.getBytes()
}

interface Column {
  readonly name: string
  readonly schema: Omit<SchemaElement, "name">
  readonly data: unknown[]
}
