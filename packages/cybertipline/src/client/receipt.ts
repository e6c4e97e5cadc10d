import { compact } from "../compact.ts"
import { decodeXml } from "../xml/decode.ts"
import { readAnswer } from "./answer.ts"

/** Facts of a finished report's receipt. */
export interface ReceiptFacts {
  /** Absent if the bytes are not a receipt. */
  readonly reportId?: string
  /** Files that the service counts to the report. */
  readonly fileIds: readonly string[]
}

/** Parses the stored bytes of `/finish`'s answer. */
export function readReceipt(received: Uint8Array): ReceiptFacts {
  const read = readAnswer(decodeXml(received))
  if (read.kind === "unreadable" || read.answer.root !== "reportDoneResponse") return { fileIds: [] }
  const { reportId, fileIds } = read.answer
  return compact({ reportId, fileIds })
}
