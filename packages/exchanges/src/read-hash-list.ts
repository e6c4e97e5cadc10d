import type { ListItem, ListSource } from "@nightlight/core"
import { detectFormat, HEAD_BYTES } from "./detect-format.ts"
import { LIST_FORMATS, type ListFormatName } from "./formats.ts"
import { ListBytes } from "./list-bytes.ts"

/** Options of {@link readHashList}. */
export interface ReadHashListOptions {
  /** Detected from the content by default. */
  readonly format?: ListFormatName
}

/**
 * Reads a list file of any size in bounded memory: in a format of {@link LIST_FORMATS}, plain or gzipped, in UTF-8, or
 * in UTF-16 with a byte order mark.
 *
 * Opens the file when the iteration starts; it can be iterated once. A fault in one line or entry is an item with its
 * number. Errors never contain text from the list.
 *
 * @throws {RequestError} while iterating: `not_found`, `input_invalid` for a folder, `list_malformed` when the list as
 * a whole cannot be read.
 * @throws {DependencyError} while iterating: `source_unreadable`.
 */
export function readHashList(path: string, options: ReadHashListOptions = {}): ListSource {
  const bytes = new ListBytes(path)
  return {
    get sourceSha256() {
      return bytes.sha256
    },
    [Symbol.asyncIterator]: () => unbatched(batches(bytes.read(), options.format)),
  }
}

/** Parses the bytes into one batch of items for each chunk. */
async function* batches(
  bytes: AsyncGenerator<Uint8Array>,
  format: ListFormatName | undefined,
): AsyncGenerator<ListItem[], void, undefined> {
  let parser = format === undefined ? undefined : LIST_FORMATS[format].createParser()
  let head: Uint8Array = new Uint8Array(0)
  for await (const piece of bytes) {
    let next = piece
    if (parser === undefined) {
      head = Buffer.concat([head, piece])
      if (head.length < HEAD_BYTES) continue
      parser = LIST_FORMATS[detectFormat(head.subarray(0, HEAD_BYTES))].createParser()
      next = head
    }
    const items: ListItem[] = []
    parser.push(next, items)
    yield items
  }
  const items: ListItem[] = []
  if (parser === undefined) {
    parser = LIST_FORMATS[detectFormat(head)].createParser()
    parser.push(head, items)
  }
  parser.end(items)
  yield items
}

/** Yields items one by one; hand-written because another async generator would double the time for each line. */
function unbatched(source: AsyncGenerator<ListItem[], void, undefined>): AsyncIterator<ListItem, undefined> {
  let items: readonly ListItem[] = []
  let offset = 0
  async function next(): Promise<IteratorResult<ListItem, undefined>> {
    while (offset >= items.length) {
      const batch = await source.next()
      if (batch.done) return { done: true, value: undefined }
      items = batch.value
      offset = 0
    }
    return { done: false, value: items[offset++] as ListItem }
  }
  return {
    next,
    async return() {
      items = []
      await source.return()
      return { done: true, value: undefined }
    },
  }
}
