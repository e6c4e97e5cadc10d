import { startTestGuard, type TestGuard } from "@nightlight/dev-env/guard/guard"
import { completion } from "@nightlight/dev-env/guard/upstream"
import { dataUrl, picture } from "@nightlight/dev-env/guard/workspace"
import { createHasher } from "@nightlight/pdq"
import sharp from "sharp"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { bitmapOf, iconOf } from "./support/bitmap.ts"

let listed: Buffer
let test: TestGuard
beforeAll(async () => {
  listed = await picture(1)
  const { data, info } = await sharp(listed).raw().toBuffer({ resolveWithObject: true })
  const options = { width: info.width, height: info.height, channels: 3, profile: "fullres", kernel: "exact" } as const
  const { hash } = createHasher().hash(data, options)
  test = await startTestGuard([], { knownPdq: [Buffer.from(hash).toString("hex")] })
  test.upstream.answer = completion("hello")
})
afterAll(async () => test[Symbol.asyncDispose]())

async function ask(content: unknown): Promise<string> {
  const answer = await fetch(`${test.guard.url}/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ model: "m", messages: [{ role: "user", content }] }),
  })
  return answer.text()
}

describe.each([
  ["bitmap", "image/bmp", bitmapOf],
  ["icon", "image/x-icon", iconOf],
] as const)("a listed picture as a %s", (_, mediaType, write) => {
  const url = async (seed: number) => dataUrl(await write(await picture(seed))).replace("image/png", mediaType)

  it("is found in a text, and another one passes", async () => {
    expect(await ask(`<link rel="icon" href="${await url(3)}">`)).toContain("hello")
    expect(await ask(`<link rel="icon" href="${await url(1)}">`)).toContain("content_filter")
  })

  it("is found where it is sent as a picture, and another one passes", async () => {
    const send = async (seed: number) =>
      ask([{ type: "image_url", image_url: { url: (await url(seed)).replace("x-icon", "bmp") } }])
    expect(await send(3)).toContain("hello")
    expect(await send(1)).toContain("content_filter")
  })
})
