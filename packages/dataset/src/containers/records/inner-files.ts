import type { ReaderLimits } from "../../readers/types.ts"
import type { InnerFile } from "../item-builder.ts"
import { byteListsIn, decodeByteList } from "./byte-lists.ts"
import { decodeFile, encodedFilesIn } from "./encoded-media.ts"

/** Shorter texts carry no picture. */
const LEAST_BYTES = 40

/** Collects the files that one record carries as base64 or as lists of numbers, within the limits of an archive inside an item. */
export class InnerFiles {
  readonly files: InnerFile[] = []
  /** Whether there were more than the limits allow. */
  isTooMuch = false
  readonly #maxFiles: number
  #room: number

  /** @param heldBytes - Bytes of the sample that are in memory already. */
  constructor({ nestedItems, nestedBytes, sampleBytes }: ReaderLimits, heldBytes = 0) {
    this.#maxFiles = nestedItems
    this.#room = Math.min(nestedBytes, sampleBytes - heldBytes)
  }

  /**
   * Searches a text.
   *
   * @param name - Returns its place in the record.
   */
  add(text: Buffer, name: () => string): void {
    if (text.length < LEAST_BYTES) return
    for (const file of encodedFilesIn(text)) {
      if (!this.#hasRoom(file.sizeBytes)) return
      this.files.push({ name: name(), bytes: decodeFile(text, file) })
    }
  }

  /** Searches a record's JSON for lists of numbers. */
  addLists(json: Uint8Array): void {
    for (const list of byteListsIn(json)) {
      if (!this.#hasRoom(list.sizeBytes)) return
      this.files.push({ name: `list at byte ${list.start}`, bytes: decodeByteList(json, list) })
    }
  }

  #hasRoom(sizeBytes: number): boolean {
    if (this.isTooMuch || sizeBytes > this.#room || this.files.length === this.#maxFiles) {
      this.isTooMuch = true
      return false
    }
    this.#room -= sizeBytes
    return true
  }
}
