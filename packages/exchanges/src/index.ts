export { LIST_FORMATS, type ListFormatName, listFormatNames } from "./formats.ts"
export { type ReadHashListOptions, readHashList } from "./read-hash-list.ts"
