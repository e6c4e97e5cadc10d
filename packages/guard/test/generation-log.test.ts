import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { CONFIG, startTestGuard } from "@nightlight/dev-env/guard/guard"
import { json } from "@nightlight/dev-env/guard/upstream"
import { dataUrl, picture } from "@nightlight/dev-env/guard/workspace"
import { findGenerations } from "@nightlight/provenance"
import { afterEach, beforeEach, expect, it } from "vitest"

let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "nl-generations-"))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

const OFF = CONFIG.replace("[chat]", "[chat, images.generations]")
const ON = `${OFF}generationLog: { enabled: true }\n`
const all = () => findGenerations(dir, [{ queryId: 0, pdq: "0".repeat(64) }], { radiusBits: 256 })

/** Sends a picture, and has another one made. */
async function ask(config: string) {
  await using test = await startTestGuard([await picture(1)], { config, generationsDir: dir })
  const sent = { type: "image_url" as const, image_url: { url: dataUrl(await picture(2)) } }
  await test.client.chat.completions.create({ model: "sees", messages: [{ role: "user", content: [sent] }] })
  test.upstream.answer = json({ created: 1, data: [{ b64_json: (await picture(3)).toString("base64") }] })
  await test.client.images.generate({ model: "our-model", prompt: "stripes" })
}

it("the generation log has each picture that a model made, by hash, model, time and exchange, and none from requests", async () => {
  await ask(ON)
  const { found } = await all()
  expect(found).toMatchObject([{ model: "our-model", generationId: expect.stringMatching(/^exchange-/) }])
})

it("the generation log is off unless it is turned on", async () => {
  await ask(OFF)
  expect((await all()).searched).toBe(0)
})
