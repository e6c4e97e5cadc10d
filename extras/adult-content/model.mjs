import { readFileSync } from "node:fs"
import { createRequire } from "node:module"
import { dirname } from "node:path"
import * as tf from "@tensorflow/tfjs"
import { setWasmPaths } from "@tensorflow/tfjs-backend-wasm"
import { load } from "nsfwjs"
import sharp from "sharp"

const SIDE = 224
const MAX_PIXELS = 50_000_000
const LABELS = ["Drawing", "Hentai", "Neutral", "Porn", "Sexy"]

sharp.cache(false)
sharp.block({ operation: ["VipsForeignLoadSvg"] })

/** Opens the model; its weights are in the package. Nothing is fetched. */
export async function openModel() {
  const require = createRequire(import.meta.url)
  const folder = `${dirname(require.resolve("@tensorflow/tfjs-backend-wasm/package.json"))}/dist/`
  // The backend asks for its module by `fetch`, which reads no files.
  const fetched = globalThis.fetch
  globalThis.fetch = async (url) =>
    new Response(readFileSync(String(url)), { headers: { "content-type": "application/wasm" } })
  try {
    setWasmPaths(folder)
    if (!(await tf.setBackend("wasm"))) throw new Error("the wasm backend does not start")
    await tf.ready()
  } finally {
    globalThis.fetch = fetched
  }
  const model = await load("MobileNetV2Mid")
  return {
    /** Scores of the five labels, 0 to 1, of the upright picture; the first frame of an animation. */
    classify: async (bytes) => {
      const { data } = await sharp(bytes, { limitInputPixels: MAX_PIXELS, failOn: "none" })
        .rotate()
        .resize(SIDE, SIDE, { fit: "fill" })
        .flatten({ background: "white" })
        .toColourspace("srgb")
        .removeAlpha()
        .raw()
        .toBuffer({ resolveWithObject: true })
      const picture = tf.tensor3d(data, [SIDE, SIDE, 3], "int32")
      try {
        const said = await model.classify(picture, LABELS.length)
        return Object.fromEntries(
          said.map(({ className, probability }) => [className, Math.min(1, Math.max(0, probability))]),
        )
      } finally {
        picture.dispose()
      }
    },
  }
}
