/**
 * Gives the upstream's answer of a case without a gateway, to reproduce a finding request by request.
 * @module
 */

import { markedPlanted, plainPlanted } from "../case/markers.ts"
import { CONFORMANCE_CASES } from "../cases/all.ts"
import { usualAnswer } from "../cases/usual.ts"
import { toReceived } from "../client/received.ts"
import type { Answer, MockUpstream } from "../mock/mock-upstream.ts"

/**
 * Returns the mock's answer to the last request of a case.
 *
 * @param url - Base URL of the mock, which some answers contain.
 * @returns `undefined` if there is no such case.
 */
export async function answerOfCase(id: string, marker: string, url: string): Promise<Answer | undefined> {
  const one = CONFORMANCE_CASES.find((candidate) => candidate.id === id)
  if (one === undefined) return undefined
  const upstream: MockUpstream = { url, requests: [], disconnected: [GONE], answer: usualAnswer, close: async () => {} }
  const given: Answer[] = [usualAnswer]
  const send = async () => {
    given.push(upstream.answer)
    return toReceived(200, {}, new Uint8Array(), false, false)
  }
  const [plain, marked] = [plainPlanted(), markedPlanted(marker)]
  await one.run({ plain, marked, upstream, send, sendHarmless: send, fail: () => {} })
  return given.at(-1)
}

/** Pretends that the caller disconnected, because nobody waits here for a slow upstream. */
const GONE = { method: "", path: "", headers: {}, bytes: new Uint8Array(), json: undefined }
