/**
 * What a case makes its upstream answer, without a gateway: to see a finding again, request by request.
 * @module
 */

import { markedPlanted, plainPlanted } from "../case/markers.ts"
import { CONFORMANCE_CASES } from "../cases/all.ts"
import { usualAnswer } from "../cases/usual.ts"
import { toReceived } from "../client/received.ts"
import type { Answer, MockUpstream } from "../mock/mock-upstream.ts"

/**
 * The answer that the mock gives to the last request of a case.
 *
 * @param url - base URL of the mock, which some answers name.
 * @returns undefined where there is no such case.
 */
export async function answerOfCase(id: string, marker: string, url: string): Promise<Answer | undefined> {
  const one = CONFORMANCE_CASES.find((candidate) => candidate.id === id)
  if (one === undefined) return undefined
  const upstream: MockUpstream = { url, seen: [], gone: [GONE], answer: usualAnswer, close: async () => {} }
  const given: Answer[] = [usualAnswer]
  const send = async () => {
    given.push(upstream.answer)
    return toReceived(200, {}, new Uint8Array(), false, false)
  }
  const [plain, marked] = [plainPlanted(), markedPlanted(marker)]
  await one.run({ plain, marked, upstream, send, sendHarmless: send, fail: () => {} })
  return given.at(-1)
}

/** Nobody waits here for an upstream that goes on. */
const GONE = { method: "", path: "", headers: {}, bytes: new Uint8Array(), json: undefined }
