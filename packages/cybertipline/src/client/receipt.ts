import { compact } from "../compact.ts"
import { decodeXml } from "../xml/decode.ts"
import { readAnswer } from "./answer.ts"

/** What the receipt of a finished report says. */
export interface ReceiptFacts {
  /** Absent where the bytes are no receipt. */
  readonly reportId?: string
  /** Files that the service counts to the report. */
  readonly fileIds: readonly string[]
}

/** Reads the bytes of `/finish`'s answer again, as they were kept. */
export function readReceipt(received: Uint8Array): ReceiptFacts {
  const read = readAnswer(decodeXml(received))
  if (read.kind === "unreadable" || read.answer.root !== "reportDoneResponse") return { fileIds: [] }
  const { reportId, fileIds } = read.answer
  return compact({ reportId, fileIds })
}
