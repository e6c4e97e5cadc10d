/** The parts of a JSON Schema that the page shows. */
export interface SchemaNode {
  readonly type?: string
  readonly description?: string
  readonly default?: unknown
  readonly const?: string | number | boolean
  readonly enum?: readonly (string | number | boolean)[]
  readonly anyOf?: readonly SchemaNode[]
  readonly minimum?: number
  readonly maximum?: number
  readonly exclusiveMinimum?: number
  readonly properties?: Readonly<Record<string, SchemaNode>>
  /** Of an array. */
  readonly items?: SchemaNode
  /** Alternatives that one key of each, `kind`, tells apart. */
  readonly oneOf?: readonly SchemaNode[]
}

/** Text above a configuration's keys. */
export interface ConfigHead {
  /** The file's name. */
  readonly file: string
  readonly introduction: string
}

/**
 * Lists every key of a configuration.
 *
 * @param schema - JSON Schema of the configuration as it is written, before defaults are filled in.
 */
export function configPage(schema: SchemaNode, { file, introduction }: ConfigHead): string {
  return [`# \`${file}\``, introduction, tableOf(schema), ...kindsOf(schema)].join("\n\n")
}

function tableOf(schema: SchemaNode): string {
  const rows = keysOf(schema, "").map(
    ({ path, node }) => `| \`${path}\` | ${typeOf(node)} | ${standardOf(node)} | ${node.description ?? ""} |`,
  )
  return ["| key | value | default | meaning |", "|---|---|---|---|", ...rows].join("\n")
}

/** A section for each kind of what a list holds, such as checks. */
function kindsOf(schema: SchemaNode): string[] {
  return Object.entries(schema.properties ?? {}).flatMap(([key, { items }]) =>
    (items?.oneOf ?? []).flatMap((kind) => [
      `## \`${key}\`, kind \`${String(kind.properties?.["kind"]?.const)}\``,
      tableOf(kind),
    ]),
  )
}

/** Heads of the pages. */
export const CONFIG_HEADS = {
  workspace: {
    file: "nightlight.yaml",
    introduction: `The workspace's configuration, checked whole before anything runs; an unknown key is an error. \`nightlight init\` writes it
with comments.`,
  },
  server: {
    file: "server.yaml",
    introduction: `The report service's configuration, in the data folder's \`server/\`, checked whole before a process starts; an unknown
key is an error. \`nightlight up\` writes it with comments.`,
  },
  guard: {
    file: "guard.yaml",
    introduction: `The guard's configuration, in the workspace, checked whole before it starts and again when it changes; an unknown key is an
error, and paths are relative to the file. \`nightlight guard init\` writes it with comments.`,
  },
  custodian: {
    file: "custodian.yaml",
    introduction: `The custodian's own configuration, in its own folder: no server or database can change what stands here. Read once, when
it starts; an unknown key is an error, and paths are relative to the file.`,
  },
} as const satisfies Readonly<Record<string, ConfigHead>>

function keysOf(node: SchemaNode, prefix: string): { path: string; node: SchemaNode }[] {
  return Object.entries(node.properties ?? {}).flatMap(([key, child]) => {
    const path = prefix === "" ? key : `${prefix}.${key}`
    if (child.properties !== undefined) return keysOf(child, path)
    const each = child.items?.properties === undefined ? [] : keysOf(child.items, `${path}[]`)
    const given = (child.anyOf ?? []).flatMap((one) => (one.properties === undefined ? [] : keysOf(one, path)))
    return [{ path, node: child }, ...each, ...given]
  })
}

function typeOf(node: SchemaNode): string {
  if (node.const !== undefined) return `\`${String(node.const)}\``
  if (node.enum !== undefined) return node.enum.map((value) => `\`${String(value)}\``).join(", ")
  if (node.anyOf !== undefined) return node.anyOf.map(typeOf).join(" or ")
  const least = node.minimum ?? (node.exclusiveMinimum === undefined ? undefined : `above ${node.exclusiveMinimum}`)
  const most = node.maximum !== undefined && node.maximum < Number.MAX_SAFE_INTEGER ? ` to ${node.maximum}` : ""
  const from = typeof least === "number" && most === "" ? `from ${least}` : (least ?? "")
  const range = `${from}${most}`.trim()
  return `${node.type ?? "value"}${range === "" ? "" : `, ${range}`}`
}

function standardOf(node: SchemaNode): string {
  return node.default === undefined ? "" : `\`${JSON.stringify(node.default)}\``
}
