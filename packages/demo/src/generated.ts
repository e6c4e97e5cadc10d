/**
 * Generated pictures and datasets, the same in every run: for the demonstration, tests and benches.
 * @module
 */
export { type DatasetRequest, type MadeDataset, makeDataset, type Plant } from "./generated/make-dataset.ts"
export { COPY_KINDS, type CopyKind, drawPicture, pictureCopy, pictureJpeg } from "./generated/picture.ts"
export { pictureHashes } from "./generated/picture-hashes.ts"
export { seededRandom } from "./generated/random.ts"
export { type TarMember, writeTar } from "./generated/tar-writer.ts"
