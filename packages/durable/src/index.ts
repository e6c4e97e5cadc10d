export { canonicalDigest } from "./canonical-digest.ts"
export { exists } from "./exists.ts"
export { fileChunks } from "./file-chunks.ts"
export { giveToFolderOwner, shareSealed } from "./folder-owner.ts"
export { errnoOf, isTaken, toReadError, toWriteError } from "./io-errors.ts"
export { fingerprintOf } from "./key-fingerprint.ts"
export { type HeldLock, holdLock, type LockOptions, removeLeftLock, withLock } from "./lock.ts"
export { type FileDigest, NewFile, type NewFileOptions, writeNewFile } from "./new-file.ts"
export { ensureDirLikeParent, ensureDirPrivate } from "./private-dir.ts"
export {
  checkDocument,
  type DocumentBody,
  documentText,
  parseDocument,
  type SignedDocument,
  signDocument,
} from "./signed-document.ts"
export { removeStaleTemps, tempName } from "./temp-files.ts"
export { syncDir, writeAll, writeFileAtomic, writeFileExclusive } from "./write-file.ts"
