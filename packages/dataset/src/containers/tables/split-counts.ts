/**
 * The counts that a Hugging Face dataset states in the front matter of its README.md.
 *
 * Source: Hugging Face `datasets`, `info.py` and `splits.py` (`dataset_info`), and its naming of files,
 * `split-00000-of-00005.parquet`, in a folder named for the configuration where there are several.
 * @module
 */

/** A shard with rows, in the source and in the copy. */
export interface CopiedRows {
  readonly rowsRead: number
  readonly rowsWritten: number
  readonly sourceBytes: number
  readonly bytes: number
}

/** Copied shards by path relative to the README's folder; `undefined` for one that was not copied. */
export type CopiedFiles = ReadonlyMap<string, CopiedRows | undefined>

interface Line {
  readonly text: string
  /** Leading spaces; a list's dash counts as one. */
  readonly indent: number
  readonly key: string
  readonly value: string
}

const LINE = /^([ -]*)([A-Za-z_][\w-]*):[ \t]*(.*?)[ \t]*\r?\n?$/

/**
 * Writes the counts of a README as they are in the copy: `num_examples` and `download_size` are changed; `num_bytes` and
 * `dataset_size`, the size of the rows in memory, are left out. All other bytes stay.
 *
 * @returns `undefined` where the counts cannot be told surely, because they do not agree with the source's files; the
 * same text where there are none or nothing changed.
 */
export function updateSplitCounts(readme: string, files: CopiedFiles): string | undefined {
  const end = readme.startsWith("---") ? readme.indexOf("\n---", 3) : -1
  if (end === -1) return readme
  const lines = readme.slice(0, end + 1).split(/(?<=\n)/)
  const blocks = infoBlocks(lines)
  let isChanged = false
  for (const block of blocks) {
    const config = blocks.length === 1 ? undefined : block.config
    const splits = block.splits.map((split) => ({ ...split, files: filesOf(split.name, config, files) }))
    const all = splits.flatMap((split) => split.files)
    if (
      all.every((file) => file !== undefined && file.rowsRead === file.rowsWritten && file.sourceBytes === file.bytes)
    ) {
      // Rows that are counted nowhere else may have been in what is not Parquet.
      if (all.length > 0 || [...files.values()].every((file) => file?.rowsRead === file?.rowsWritten)) continue
      return undefined
    }
    isChanged = true
    for (const split of splits) {
      const read = sum(split.files, ({ rowsRead }) => rowsRead)
      const written = sum(split.files, ({ rowsWritten }) => rowsWritten)
      if (read === undefined || written === undefined || split.examples?.value !== read) return undefined
      if (read === written) continue
      replaceNumber(lines, split.examples.line, written)
      if (split.bytesLine !== undefined) lines[split.bytesLine] = dropField(lines[split.bytesLine] ?? "")
    }
    if (splits.some(({ bytesLine }) => bytesLine !== undefined && (lines[bytesLine] ?? "").trim() === "-"))
      return undefined
    if (block.sizeLine !== undefined) lines[block.sizeLine] = ""
    if (block.download === undefined) continue
    const sourceBytes = sum(all, (file) => file.sourceBytes)
    const bytes = sum(all, (file) => file.bytes)
    if (bytes !== undefined && block.download.value === sourceBytes) replaceNumber(lines, block.download.line, bytes)
    else lines[block.download.line] = ""
  }
  return isChanged ? lines.join("") + readme.slice(end + 1) : readme
}

interface StatedNumber {
  readonly line: number
  readonly value: number
}

interface Split {
  name: string
  bytesLine: number | undefined
  examples: StatedNumber | undefined
}

interface InfoBlock {
  config: string | undefined
  readonly splits: Split[]
  download: StatedNumber | undefined
  sizeLine: number | undefined
}

/** The entries of `dataset_info`, one for each configuration. */
function infoBlocks(lines: readonly string[]): readonly InfoBlock[] {
  const blocks: InfoBlock[] = []
  let isInside = false
  let splitsIndent: number | undefined
  let top: number | undefined
  for (const [index, text] of lines.entries()) {
    const line = parseLine(text)
    if (line === undefined) continue
    const isTopLevel = line.indent === 0 && !text.startsWith("-")
    if (isTopLevel) {
      isInside = line.key === "dataset_info"
      splitsIndent = undefined
      if (isInside) top = undefined
      continue
    }
    if (!isInside) continue
    const beginsItem = /^ *-/.test(text)
    if (top === undefined) {
      top = line.indent
      blocks.push(newBlock())
    } else if (line.indent === top && beginsItem) {
      blocks.push(newBlock())
    }
    const block = blocks.at(-1)
    if (block === undefined) continue
    if (line.indent === top) splitsIndent = line.key === "splits" ? line.indent : undefined
    if (splitsIndent !== undefined && line.key !== "splits") readSplitLine(block, { index, line, beginsItem })
    else if (line.indent === top) readBlockLine(block, index, line)
  }
  return blocks
}

function newBlock(): InfoBlock {
  return { config: undefined, splits: [], download: undefined, sizeLine: undefined }
}

function readBlockLine(block: InfoBlock, index: number, { key, value }: Line): void {
  if (key === "config_name") block.config = unquote(value)
  else if (key === "download_size") block.download = { line: index, value: Number(value) }
  else if (key === "dataset_size") block.sizeLine = index
}

function readSplitLine(
  block: InfoBlock,
  { index, line, beginsItem }: { readonly index: number; readonly line: Line; readonly beginsItem: boolean },
): void {
  if (beginsItem) block.splits.push({ name: "", bytesLine: undefined, examples: undefined })
  const split = block.splits.at(-1)
  if (split === undefined) return
  if (line.key === "name") split.name = unquote(line.value)
  else if (line.key === "num_bytes") split.bytesLine = index
  else if (line.key === "num_examples") split.examples = { line: index, value: Number(line.value) }
}

function parseLine(text: string): Line | undefined {
  const [, indent = "", key = "", value = ""] = LINE.exec(text) ?? []
  return key === "" ? undefined : { text, indent: indent.length, key, value }
}

function unquote(value: string): string {
  return value.replace(/^(['"])(.*)\1$/, "$2")
}

function filesOf(split: string, config: string | undefined, files: CopiedFiles): readonly (CopiedRows | undefined)[] {
  return [...files].flatMap(([path, file]) => {
    const [, folder = "", name = ""] = FILE.exec(path) ?? []
    if (name !== split) return []
    return config === undefined || folder.split("/").includes(config) ? [file] : []
  })
}

/** A file of a split. */
const FILE = /^(.*\/)?([^/]+?)(?:-\d{5}-of-\d{5}(?:-[0-9a-f]{16})?)?\.(?:parquet|arrow)$/

function sum(files: readonly (CopiedRows | undefined)[], of: (file: CopiedRows) => number): number | undefined {
  let total = 0
  for (const file of files) {
    if (file === undefined) return undefined
    total += of(file)
  }
  return total
}

function replaceNumber(lines: string[], index: number, value: number): void {
  lines[index] = (lines[index] ?? "").replace(/\d+(?=[ \t]*\r?\n?$)/, String(value))
}

/** Leaves out a field; the dash of a list stays. */
function dropField(line: string): string {
  return /^ *-/.test(line) ? line.replace(/[A-Za-z_].*/s, "") : ""
}
