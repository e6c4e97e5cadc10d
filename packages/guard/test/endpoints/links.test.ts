import { startTestGuard, type TestGuard } from "@nightlight/dev-env/guard/guard"
import { json } from "@nightlight/dev-env/guard/upstream"
import { dataUrl, picture } from "@nightlight/dev-env/guard/workspace"
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest"
import { GuardRefusal } from "../../src/errors.ts"
import { RESPONSES_ANSWERS } from "./traffic/responses.ts"

const exception = (surface: string) =>
  `  - { surface: ${surface}, reason: tests, approvedBy: [ada, bob], until: "${new Date(Date.now() + 86_400_000).toISOString()}" }`
const CONFIG = `version: 1
endpoints: [responses, images.generations, moderations]
checks:
  - { kind: hash-match }
  - { kind: patterns, name: words, file: patterns.yaml }
exceptions:
${["responses.input.image", "responses.output.image", "images.generations.output.image", "moderations.input.image"].map(exception).join("\n")}
`

const FINE = "https://pictures.example/fine.png"
const KNOWN = "https://pictures.example/known.png"

let pictures: ReadonlyMap<string, Buffer>
let test: TestGuard
beforeAll(async () => {
  pictures = new Map([
    [KNOWN, await picture(1)],
    [FINE, await picture(2)],
  ])
  test = await startTestGuard([pictures.get(KNOWN) as Buffer], {
    config: CONFIG,
    remote: {
      fetch: async (url) => {
        const bytes = pictures.get(url)
        if (bytes === undefined) throw new GuardRefusal("reference_unavailable", "a link could not be fetched")
        return bytes
      },
    },
  })
})
afterAll(async () => test[Symbol.asyncDispose]())
beforeEach(() => {
  test.upstream.seen.length = 0
})

const blocked = expect.objectContaining({ status: 400, code: "content_filter" })

describe("a link to a picture", () => {
  const see = (image_url: string) =>
    test.client.responses.create({
      model: "m",
      input: [{ role: "user", content: [{ type: "input_image", image_url, detail: "auto" }] }],
    })

  it("in a request reaches the upstream as the picture that was inspected", async () => {
    test.upstream.answer = json(RESPONSES_ANSWERS[0]?.[1])
    await see(FINE)
    expect(test.upstream.seen[0]?.text).not.toContain("pictures.example")
    expect(test.upstream.seen[0]?.text).toContain(dataUrl(pictures.get(FINE) as Buffer))
  })

  it("in a request is followed, and a listed picture is blocked", async () => {
    await expect(see(KNOWN)).rejects.toEqual(blocked)
    await expect(see("https://pictures.example/gone.png")).rejects.toEqual(
      expect.objectContaining({ code: "reference_unavailable" }),
    )
    expect(test.upstream.seen).toEqual([])
  })

  it("in an answer is replaced by the inspected picture in base64", async () => {
    test.upstream.answer = json({ created: 1, data: [{ url: FINE, revised_prompt: "a dot" }] })
    const { data } = await test.client.images.generate({ model: "dall-e-3", prompt: "a dot" })
    expect(data).toEqual([{ revised_prompt: "a dot", b64_json: pictures.get(FINE)?.toString("base64") }])
    test.upstream.answer = json({ created: 1, data: [{ url: KNOWN }] })
    await expect(test.client.images.generate({ model: "dall-e-3", prompt: "a dot" })).rejects.toEqual(blocked)
  })

  it("is followed when a verdict is asked for", async () => {
    const judge = async (url: string) =>
      (await test.client.moderations.create({ input: [{ type: "image_url", image_url: { url } }] })).results[0]?.flagged
    expect(await judge(FINE)).toBe(false)
    expect(await judge(KNOWN)).toBe(true)
  })
})
