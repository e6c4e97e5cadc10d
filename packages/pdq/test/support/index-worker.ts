/** A thread that attaches to an index and runs tasks. */
import { parentPort, workerData } from "node:worker_threads"
import { HammingIndex, type IndexHandle } from "../../src/index.ts"

/** A task for the thread. */
export type IndexTask =
  | { readonly query: Uint8Array; readonly radiusBits: number; readonly times: number }
  | { readonly add: readonly Uint8Array[] }
  | { readonly withdraw: number }
  | { readonly churn: Uint8Array }

const index = HammingIndex.attach(workerData as IndexHandle)

parentPort?.on("message", (task: IndexTask) => {
  if ("add" in task) parentPort?.postMessage(task.add.map((hash) => index.add(hash)))
  else if ("withdraw" in task) parentPort?.postMessage(index.withdraw(task.withdraw))
  else if ("churn" in task) parentPort?.postMessage(churn(task.churn))
  else {
    const answers = Array.from({ length: task.times }, () => index.queryBatch(task.query, task.radiusBits))
    const first = answers[0]
    const same = answers.every((answer) => answer.ids.join() === first?.ids.join())
    parentPort?.postMessage(same ? first : "answers differ")
  }
})

/** Adds every hash and withdraws every third one again. Returns the number of remaining hashes. */
function churn(hashes: Uint8Array): number {
  let kept = 0
  for (let offset = 0; offset < hashes.length; offset += 32) {
    const id = index.add(hashes.subarray(offset, offset + 32))
    if (offset % 96 === 0) index.withdraw(id)
    else kept++
  }
  return kept
}
