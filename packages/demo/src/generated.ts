/**
 * Generated pictures and datasets, the same in every run: for the demonstration, tests and benches.
 * @module
 */
export { type MadeDataset, makeDataset } from "./generated/make-dataset.ts"
export { COPY_KINDS, type CopyKind, drawPicture, pictureCopy, pictureJpeg } from "./generated/picture.ts"
export { seededRandom } from "./generated/random.ts"
export { writeTar } from "./generated/tar-writer.ts"
