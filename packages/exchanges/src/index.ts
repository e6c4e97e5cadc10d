export { detectFormat, type ListFormat } from "./detect-format.ts"
export { type ReadHashListOptions, readHashList } from "./read-hash-list.ts"
