import type { ReaderLimits } from "../../readers/types.ts"
import type { InnerFile } from "../item-builder.ts"
import { decodeFile, encodedFilesIn } from "./encoded-media.ts"

/** Shorter texts carry no picture. */
const LEAST_BYTES = 40

/** Collects the files that the texts of one record carry as base64, within the limits of an archive inside an item. */
export class InnerFiles {
  readonly files: InnerFile[] = []
  /** Whether there were more than the limits allow. */
  isTooMuch = false
  readonly #maxFiles: number
  #room: number

  constructor({ nestedItems, nestedBytes, sampleBytes }: ReaderLimits) {
    this.#maxFiles = nestedItems
    this.#room = Math.min(nestedBytes, sampleBytes)
  }

  /**
   * Searches a text.
   *
   * @param name - Returns its place in the record.
   */
  add(text: Buffer, name: () => string): void {
    if (text.length < LEAST_BYTES) return
    for (const file of encodedFilesIn(text)) {
      if (this.isTooMuch || file.sizeBytes > this.#room || this.files.length === this.#maxFiles) {
        this.isTooMuch = true
        return
      }
      this.#room -= file.sizeBytes
      this.files.push({ name: name(), bytes: decodeFile(text, file) })
    }
  }
}
