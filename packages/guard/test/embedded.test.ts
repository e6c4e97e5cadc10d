import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { startTestGuard, type TestGuard } from "./support/guard.ts"
import { completion } from "./support/upstream.ts"
import { dataUrl, picture } from "./support/workspace.ts"

let known: Buffer
let test: TestGuard
beforeAll(async () => {
  known = await picture(1)
  test = await startTestGuard([known])
})
afterAll(async () => test[Symbol.asyncDispose]())

async function ask(content: string, streamed = false): Promise<string> {
  const answer = await fetch(`${test.guard.url}/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ model: "m", messages: [{ role: "user", content }], stream: streamed }),
  })
  return answer.text()
}

describe("a listed picture that stands in a text", () => {
  it("is found in a prompt", async () => {
    test.upstream.answer = completion("hello")
    expect(await ask(`look: ![x](${dataUrl(known)})`)).toContain("content_filter")
    expect(
      await ask(
        `look: ${dataUrl(known)
          .replace("data:image", "DATA:Image")
          .replace(/(.{76})/g, "$1\n")}`,
      ),
    ).toContain("content_filter")
    expect(await ask(`look: ![x](${dataUrl(await picture(3))})`)).toContain("hello")
  })

  it.each([false, true])("is found in an answer, streamed: %s, and nothing of it leaves", async (streamed) => {
    test.upstream.answer = completion(`here: ![x](${dataUrl(known)}) and more`, 100)
    const text = await ask("hello", streamed)
    expect(text).toContain("content_filter")
    expect(text).not.toContain("base64")
  })

  it("holds nothing that is only spoken of", async () => {
    for (const said of [
      "write data:image/png;base64,iVBORw0KGgo... there",
      "it begins with data:",
      "data:image/svg+xml,<svg/>",
      "data:image/",
    ]) {
      test.upstream.answer = completion(said)
      const chunks = [...(await ask("hello", true)).matchAll(/^data: (\{.*)$/gm)].map(
        ([, one = ""]) => JSON.parse(one) as { choices: { delta: { content?: string } }[] },
      )
      expect(chunks.flatMap(({ choices }) => choices.map(({ delta }) => delta.content ?? "")).join("")).toBe(said)
    }
  })

  it("is another picture, which passes whole", async () => {
    const said = `here: ![x](${dataUrl(await picture(4))}) and more`
    test.upstream.answer = completion(said, 7)
    const chunks = [...(await ask("hello", true)).matchAll(/^data: (\{.*)$/gm)].map(
      ([, one = ""]) => JSON.parse(one) as { choices: { delta: { content?: string } }[] },
    )
    expect(chunks.flatMap(({ choices }) => choices.map(({ delta }) => delta.content ?? "")).join("")).toBe(said)
  })
})
