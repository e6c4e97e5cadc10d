/**
 * Datasets in folders of this machine.
 * @module
 */
import { isUtf8 } from "node:buffer"
import type { ListedFile } from "../../readers/listing.ts"
import { sourcePath } from "../../readers/paths.ts"
import { openFileSource } from "../../readers/source.ts"
import { sourceChanged } from "../../readers/source-changed.ts"
import type { DatasetStore, StoredFile } from "../store.ts"
import { localEditor } from "./editor.ts"
import { assertFileUnchanged } from "./unchanged.ts"

/** The files below a folder. @param root - Absolute real path. */
export function localStore(root: string): DatasetStore {
  return {
    isRemote: false,
    async readHead(file, length) {
      using source = openLocal(root, file)
      return Buffer.from(source.read(0, length) as Uint8Array)
    },
    open: (file) => openLocal(root, file),
    pathFor(file) {
      const path = sourcePath(root, file)
      return isUtf8(path) ? path.toString() : undefined
    },
    assertUnchanged(files) {
      for (const file of files) assertFileUnchanged(root, file)
    },
    editor: localEditor(root),
  }
}

function openLocal(root: string, file: ListedFile): StoredFile {
  const path = sourcePath(root, file)
  const source = openFileSource(path)
  if (source.sizeBytes === file.sizeBytes && source.modifiedMs === file.modifiedMs) {
    return { ...source, rangePath: isUtf8(path) ? path.toString() : undefined }
  }
  source[Symbol.dispose]()
  throw sourceChanged()
}
