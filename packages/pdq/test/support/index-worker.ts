/** A thread that attaches to an index and does what it is asked. */
import { parentPort, workerData } from "node:worker_threads"
import { HammingIndex, type IndexHandle } from "../../src/index.ts"

/** What the thread is asked. */
export type IndexTask =
  | { readonly query: Uint8Array; readonly radiusBits: number; readonly times: number }
  | { readonly add: readonly Uint8Array[] }
  | { readonly withdraw: number }

const index = HammingIndex.attach(workerData as IndexHandle)

parentPort?.on("message", (task: IndexTask) => {
  if ("add" in task) parentPort?.postMessage(task.add.map((hash) => index.add(hash)))
  else if ("withdraw" in task) parentPort?.postMessage(index.withdraw(task.withdraw))
  else {
    const answers = Array.from({ length: task.times }, () => index.queryBatch(task.query, task.radiusBits))
    const first = answers[0]
    const same = answers.every((answer) => answer.ids.join() === first?.ids.join())
    parentPort?.postMessage(same ? first : "answers differ")
  }
})
