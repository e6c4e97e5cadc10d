import assert from "node:assert/strict"
import { existsSync } from "node:fs"
import { join } from "node:path"
import { test } from "node:test"

const skip = existsSync(join(import.meta.dirname, "node_modules", "nsfwjs")) ? false : "run `npm ci` here first"

test("a drawn shape gets five scores that add up to 1; what is no picture gets an error", {
  skip,
  timeout: 120_000,
}, async () => {
  const { startDetector } = await import("./server.mjs")
  const { default: sharp } = await import("sharp")
  const detector = await startDetector(0)
  const ask = (body) =>
    fetch(`http://127.0.0.1:${detector.port}/v1/detect`, { method: "POST", body: JSON.stringify(body) })
  try {
    const drawing = `<svg width="300" height="200"><rect width="300" height="200" fill="navy"/><circle cx="150" cy="100" r="60" fill="gold"/></svg>`
    const image = await sharp({ create: { width: 300, height: 200, channels: 3, background: "navy" } })
      .png()
      .toBuffer()
    const { labels } = await (await ask({ image: image.toString("base64") })).json()
    assert.deepEqual(Object.keys(labels).sort(), ["Drawing", "Hentai", "Neutral", "Porn", "Sexy"])
    assert.ok(Math.abs(Object.values(labels).reduce((sum, score) => sum + score, 0) - 1) < 0.01)
    for (const bytes of [Buffer.from("no picture"), Buffer.from(drawing), image.subarray(0, 20)]) {
      assert.equal((await ask({ image: bytes.toString("base64") })).status, 422)
    }
    assert.equal((await ask({ picture: "x" })).status, 400)
  } finally {
    await detector.close()
  }
})
