/**
 * Directories of icons and cursors (ICO, CUR): each entry is a PNG, or a bitmap with colours and a mask.
 * @module
 */

/** A picture of an icon. */
export interface IconEntry {
  readonly offset: number
  readonly bytes: Buffer
  readonly isPng: boolean
}

/** An icon's directory. */
export interface IconFile {
  /** Entries inside the file, after the directory and without overlap, in file order. */
  readonly entries: readonly IconEntry[]
  /** Number of other entries. */
  readonly refused: number
  readonly directoryEnd: number
}

const PNG = Buffer.from("\x89PNG\r\n\x1a\n", "latin1")

/** Reads the directory of an icon or a cursor. */
export function readIcon(file: Buffer): IconFile {
  const count = file.length < 6 ? 0 : file.readUInt16LE(4)
  const directoryEnd = 6 + 16 * count
  const places: { readonly at: number; readonly end: number }[] = []
  for (let k = 6; k < directoryEnd && k + 16 <= file.length; k += 16) {
    const offset = file.readUInt32LE(k + 12)
    places.push({ at: offset, end: offset + file.readUInt32LE(k + 8) })
  }
  const entries: IconEntry[] = []
  let covered = directoryEnd
  for (const { at: offset, end } of places.sort((one, other) => one.at - other.at)) {
    if (offset < covered || end > file.length || end === offset) continue
    const bytes = file.subarray(offset, end)
    entries.push({ offset, bytes, isPng: bytes.subarray(0, PNG.length).equals(PNG) })
    covered = end
  }
  return { entries, refused: count - entries.length, directoryEnd }
}
