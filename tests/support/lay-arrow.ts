/**
 * Writes the pictures of a folder as Hugging Face's `save_to_disk` would: `lay-arrow FOLDER SAVED`, for the examples of the
 * guides.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { arrowTable, FEATURES, IMAGE, writeArrow } from "@nightlight/dev-env/dataset/arrow"

const [folder = "pictures", saved = "saved"] = process.argv.slice(2)
mkdirSync(saved, { recursive: true })
const names = readdirSync(folder)
  .filter((name) => name.endsWith(".jpg"))
  .sort()
const values = names.map((name) => ({ bytes: readFileSync(join(folder, name)), path: name }))
const table = arrowTable([{ image: { type: IMAGE, values } }], { huggingface: FEATURES })
writeFileSync(join(saved, "data-00000-of-00001.arrow"), writeArrow(table, "stream"))
const splits = { train: { name: "train", num_examples: names.length } }
writeFileSync(join(saved, "dataset_info.json"), JSON.stringify({ features: { image: { _type: "Image" } }, splits }))
const state = { _data_files: [{ filename: "data-00000-of-00001.arrow" }], _fingerprint: "0123456789abcdef" }
writeFileSync(join(saved, "state.json"), JSON.stringify({ ...state, _split: "train" }))
