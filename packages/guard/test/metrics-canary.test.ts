import { startTestGuard, type TestGuard } from "@nightlight/dev-env/guard/guard"
import { completion } from "@nightlight/dev-env/guard/upstream"
import { dataUrl, picture } from "@nightlight/dev-env/guard/workspace"
import { testCardPng } from "@nightlight/screening"
import { afterAll, beforeAll, expect, it } from "vitest"

const CANARY = "canary-7f3a"
const events: unknown[] = []
let test: TestGuard
beforeAll(async () => {
  test = await startTestGuard([await picture(1)], { onEvent: (event) => events.push(event) })
})
afterAll(async () => test[Symbol.asyncDispose]())

/** A call with the canary wherever a caller or an upstream can put one. */
async function call(content: unknown, path = "/chat/completions"): Promise<void> {
  const answer = await fetch(`${test.guard.url}${path}?${CANARY}=1`, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      "x-canary": CANARY,
      "user-agent": CANARY,
      authorization: `Bearer ${CANARY}`,
    },
    body: JSON.stringify({ model: CANARY, user: CANARY, messages: [{ role: "user", name: CANARY, content }] }),
  })
  await answer.arrayBuffer()
}

it("metrics, readiness and the operator's events contain nothing of what anyone sent or was answered", async () => {
  test.upstream.answer = completion(`an answer with ${CANARY}`)
  await call(`a question with ${CANARY}`)
  await call(`canary-phrase and ${CANARY}`)
  await call([
    { type: "image_url", image_url: { url: dataUrl(testCardPng(0)) } },
    { type: "text", text: CANARY },
  ])
  await call(`unknown ${CANARY}`, `/${CANARY}`)
  test.upstream.answer = completion(`canary-phrase ${CANARY}`)
  await call("hello")
  const told = await Promise.all(
    ["/metrics", "/readyz", "/livez"].map(async (page) => (await fetch(test.guard.adminUrl + page)).text()),
  )
  expect(told[0]).toContain("nightlight_guard")
  expect(JSON.stringify([told, events])).not.toContain(CANARY)
})
