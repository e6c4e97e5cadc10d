/**
 * Opens a table of addresses and digests to be screened by columns.
 * @module
 */
import { randomBytes } from "node:crypto"
import { type ListIndex, screenFingerprint } from "@nightlight/screening"
import { ItemBuilder } from "../containers/item-builder.ts"
import { openShardFile } from "../containers/packed.ts"
import { ColumnModule, FILTER_TYPES } from "../containers/parquet/addresses/column-module.ts"
import { columnRolesOf, type ReadColumn } from "../containers/parquet/addresses/column-roles.ts"
import { type ColumnStep, type GroupColumns, readByColumns } from "../containers/parquet/addresses/read-by-columns.ts"
import { type ParquetFooter, readFooter } from "../containers/parquet/footer.ts"
import { keepFooter } from "../containers/parquet/kept-footers.ts"
import { PARQUET } from "../containers/parquet/malformed.ts"
import { Budget } from "../containers/rows/budget.ts"
import { listingOf } from "../plan/open-shard.ts"
import type { ShardPlan } from "../plan/types.ts"
import type { ScanContext } from "./context.ts"

/** A table that is screened by columns. Dispose of it to close its file. */
export interface ColumnTable extends Disposable {
  readonly steps: AsyncIterable<ColumnStep>
  /** What a row without anything to look at is. */
  readonly decision: "clear" | "unscreened"
  readonly rows: number
  /** Grows with every row group that is read. */
  readonly groups: readonly GroupColumns[]
}

/**
 * Opens a shard that is a table of addresses and digests.
 *
 * @returns undefined where it is another one, or a small one, or where a row of words would not simply be clear.
 * @throws {ShardError} as `readFooter`.
 */
export async function openColumnTable(
  context: ScanContext,
  shard: ShardPlan,
  signal: AbortSignal,
): Promise<ColumnTable | undefined> {
  if (shard.kind !== "parquet") return undefined
  const listing = listingOf(shard)
  const { readerLimits: limits, ports, output } = context
  const source = openShardFile({ listing })
  try {
    const footer = await readFooter(source, limits)
    const columns = addressColumnsOf(shard, footer, context.columnRows)
    if (columns !== undefined && ports.classifiers.length === 0) {
      await context.begun
      const decision = decisionOfWords(context)
      const module = columnModuleOf(ports.index)
      if (decision !== undefined && module !== undefined) {
        const groups: GroupColumns[] = []
        const file = { source, footer, budget: new Budget(limits, source.sizeBytes, PARQUET) }
        const isCopied = output !== undefined && context.screened
        const steps = readByColumns(file, new ItemBuilder(limits, signal), { columns, module, isCopied, groups })
        return { steps, decision, rows: footer.rows, groups, [Symbol.dispose]: () => source[Symbol.dispose]() }
      }
    }
    keepFooter(listing, footer)
  } catch (error) {
    source[Symbol.dispose]()
    throw error
  }
  source[Symbol.dispose]()
  return undefined
}

/** Rows from which a table of addresses and digests is read by columns. A smaller one has sidecars for its rows. */
export const COLUMN_ROWS = 10_000

/**
 * The columns to be read of a large table of addresses and digests; undefined for any other file, and for one that is
 * read with others.
 *
 * @param columnRows - Fewest rows, {@link COLUMN_ROWS} unless in a test.
 */
export function addressColumnsOf(
  shard: ShardPlan,
  footer: ParquetFooter,
  columnRows: number,
): readonly ReadColumn[] | undefined {
  if (shard.kind !== "parquet" || shard.last === true || listingOf(shard).sidecars.length > 0) return undefined
  return footer.rows < columnRows || hasEncrypted(footer) ? undefined : columnRolesOf(footer)
}

function hasEncrypted(footer: ParquetFooter): boolean {
  for (let index = 0; index < footer.groupCount; index++) {
    if (footer.group(index).chunks.some(({ isEncrypted }) => isEncrypted)) return true
  }
  return false
}

/** The decision on a row that matches nothing. */
function decisionOfWords({ ports, policy }: ScanContext): "clear" | "unscreened" | undefined {
  const digits = randomBytes(68).toString("hex")
  const { verdict } = screenFingerprint(
    {
      sizeBytes: 2,
      md5: digits.slice(0, 32),
      sha1: digits.slice(32, 72),
      sha256: digits.slice(72, 136),
      mediaType: "application/json",
      kind: "text",
    },
    ports,
    policy,
  )
  const { decision } = verdict
  return decision === "clear" || decision === "unscreened" ? decision : undefined
}

/** Of each index, made once: a scan has many shards, and a list millions of digests. */
const made = new WeakMap<ListIndex, { readonly module: ColumnModule | undefined }>()

/** The module that looks up what is in these lists; undefined where their digests are not known or too many. */
export function columnModuleOf(index: ListIndex): ColumnModule | undefined {
  const known = made.get(index)
  if (known !== undefined) return known.module
  const [md5, sha1, sha256, url] = FILTER_TYPES.map((type) => index.digestPrefixes?.(type))
  if (md5 === undefined || sha1 === undefined || sha256 === undefined || url === undefined) return undefined
  // Lists beyond the module's memory are looked up row by row.
  const module = ColumnModule.create({ md5, sha1, sha256, url })
  made.set(index, { module })
  return module
}
