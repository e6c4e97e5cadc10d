/**
 * The counts in the front matter of a Hugging Face dataset's README.md.
 *
 * Source: Hugging Face `datasets`, `info.py` (`dataset_info`) and `splits.py`.
 * @module
 */
import { type CopiedDataset, type CountsInCopy, countsInCopy } from "./split-counts.ts"

/** A number, and the line that states it. */
interface StatedNumber {
  readonly line: number
  readonly value: number
}

interface Split {
  name: string
  bytes: StatedNumber | undefined
  examples: StatedNumber | undefined
}

interface InfoBlock {
  config: string | undefined
  readonly splits: Split[]
  /** The lines of `splits`, from its key to its last entry. */
  splitLines: { readonly first: number; last: number } | undefined
  download: StatedNumber | undefined
  size: StatedNumber | undefined
}

/**
 * Writes the counts of a README as they are in the copy. Where they cannot be told, the splits and sizes of that
 * configuration are left out: `datasets` then counts by itself. All other bytes stay.
 *
 * @returns `undefined` where the counts cannot be found in the text; the same text where there are none or nothing
 * changed.
 */
export function updateReadmeCounts(readme: string, copied: CopiedDataset): string | undefined {
  const { start, end } = frontMatter(readme)
  if (end === 0) return readme
  const lines = readme.slice(start, end).split(/(?<=\n)/)
  const blocks = infoBlocks(lines)
  const edited = [...lines]
  let isChanged = false
  for (const block of blocks) {
    const counts = countsInCopy(
      {
        config: blocks.length === 1 ? undefined : block.config,
        splits: block.splits.map(({ name, bytes, examples }) => ({
          name,
          bytes: bytes?.value,
          examples: examples?.value,
        })),
        downloadBytes: block.download?.value,
        datasetBytes: block.size?.value,
      },
      copied,
    )
    if (counts === "same") continue
    isChanged = true
    if (!editBlock(edited, block, counts)) return undefined
  }
  const stated = countsStated(lines)
  const found = blocks.flatMap(({ splits }) => splits).filter(({ examples }) => examples !== undefined).length
  // Counts in another form of YAML.
  if (stated !== found) return isChanged || hasLosses(copied) ? undefined : readme
  return isChanged ? readme.slice(0, start) + edited.join("") + readme.slice(end) : readme
}

/** Where the front matter is, as `huggingface_hub` finds it, with the line feeds around it; empty where there is none. */
function frontMatter(readme: string): { readonly start: number; readonly end: number } {
  const start = /^\s*---(?=[\r\n])/.exec(readme)?.[0].length
  if (start === undefined) return { start: 0, end: 0 }
  CLOSING.lastIndex = start
  const closing = CLOSING.exec(readme)
  return closing === null ? { start: 0, end: 0 } : { start, end: closing.index + 1 }
}

const CLOSING = /[\r\n]---(?=\r|\n|$)/g

/** How many splits have a count, in whatever form of YAML. */
function countsStated(lines: readonly string[]): number {
  const start = lines.findIndex((line) => /^["']?dataset_info["']?\s*:/.test(line))
  if (start === -1) return 0
  const length = lines.slice(start + 1).findIndex((line) => /^[^\s#-]/.test(line))
  const own = lines.slice(start, length === -1 ? undefined : start + 1 + length)
  return own.join("").match(/\bnum_examples["']?\s*:/g)?.length ?? 0
}

function hasLosses({ files, hasOtherLosses }: CopiedDataset): boolean {
  return (
    hasOtherLosses || [...files.values()].some((file) => file?.rowsRead !== file?.rowsWritten || file === undefined)
  )
}

/** Changes the lines of a configuration. @returns false where a line cannot be left out by itself. */
function editBlock(lines: string[], block: InfoBlock, counts: CountsInCopy | "unknown"): boolean {
  const removed: number[] = []
  const write = (stated: StatedNumber | undefined, value: number | undefined) => {
    if (stated === undefined) return
    if (value === undefined) removed.push(stated.line)
    else if (value !== stated.value) replaceValue(lines, stated.line, value)
  }
  if (counts === "unknown") {
    const { first, last } = block.splitLines ?? { first: 0, last: -1 }
    for (let line = first; line <= last; line++) removed.push(line)
  } else {
    for (const [index, split] of block.splits.entries()) {
      write(split.examples, counts.splits[index]?.examples)
      write(split.bytes, counts.splits[index]?.bytes)
    }
  }
  const { downloadBytes, datasetBytes } =
    counts === "unknown" ? { downloadBytes: undefined, datasetBytes: undefined } : counts
  write(block.download, downloadBytes)
  write(block.size, datasetBytes)
  const { first = 0, last = -1 } = block.splitLines ?? {}
  for (const line of removed) {
    // The dash of an entry would go with its first field; of the splits, all entries go.
    const isWithinSplits = line > first && line <= last
    if (!isWithinSplits && /^ *-/.test(lines[line] ?? "")) return false
    lines[line] = ""
  }
  return true
}

/** The entries of `dataset_info`, one for each configuration. */
function infoBlocks(lines: readonly string[]): readonly InfoBlock[] {
  const blocks: InfoBlock[] = []
  let isInside = false
  let isInSplits = false
  let top: number | undefined
  for (const [index, text] of lines.entries()) {
    const line = parseLine(text)
    if (line === undefined) continue
    const isTopLevel = line.indent === 0 && !text.startsWith("-")
    if (isTopLevel) {
      isInside = line.key === "dataset_info"
      isInSplits = false
      if (isInside) top = undefined
      continue
    }
    if (!isInside) continue
    const beginsItem = /^ *-/.test(text)
    const isNew = top === undefined || (line.indent === top && beginsItem)
    if (isNew) blocks.push(newBlock())
    top ??= line.indent
    const block = blocks.at(-1)
    if (block === undefined) continue
    if (line.indent === top) {
      isInSplits = line.key === "splits"
      if (isInSplits) block.splitLines = { first: index, last: index }
      else readBlockLine(block, index, line)
    } else if (isInSplits && block.splitLines !== undefined) {
      block.splitLines.last = index
      readSplitLine(block, { index, line, beginsItem })
    }
  }
  return blocks
}

function newBlock(): InfoBlock {
  return { config: undefined, splits: [], splitLines: undefined, download: undefined, size: undefined }
}

interface Line {
  /** Leading spaces; a list's dash counts as one. */
  readonly indent: number
  readonly key: string
  readonly value: string
}

const LINE = /^([ -]*)([A-Za-z_][\w-]*):(.*)/s

/** Longer lines are no counts. */
const MAX_LINE = 4096

function parseLine(text: string): Line | undefined {
  if (text.length > MAX_LINE) return undefined
  const [, indent = "", key = "", value = ""] = LINE.exec(text) ?? []
  return key === "" ? undefined : { indent: indent.length, key, value: value.trim() }
}

function readBlockLine(block: InfoBlock, line: number, { key, value }: Line): void {
  if (key === "config_name") block.config = unquote(value)
  else if (key === "download_size") block.download = { line, value: Number(value) }
  else if (key === "dataset_size") block.size = { line, value: Number(value) }
}

function readSplitLine(
  block: InfoBlock,
  { index, line, beginsItem }: { readonly index: number; readonly line: Line; readonly beginsItem: boolean },
): void {
  if (beginsItem) block.splits.push({ name: "", bytes: undefined, examples: undefined })
  const split = block.splits.at(-1)
  if (split === undefined) return
  const stated = { line: index, value: Number(line.value) }
  if (line.key === "name") split.name = unquote(line.value)
  else if (line.key === "num_bytes") split.bytes = stated
  else if (line.key === "num_examples") split.examples = stated
}

function unquote(value: string): string {
  return value.replace(/^(['"])(.*)\1$/, "$2")
}

function replaceValue(lines: string[], line: number, value: number): void {
  lines[line] = (lines[line] ?? "").replace(/:([ \t]*)\S+/, `:$1${value}`)
}
