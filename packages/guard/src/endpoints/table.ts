/**
 * Every endpoint, one line each; the guard refuses any other route.
 * @module
 */
export { chat } from "./chat/endpoint.ts"
export { completions } from "./completions/endpoint.ts"
export { embeddings } from "./embeddings/endpoint.ts"
export { imagesEdits } from "./images-edits/endpoint.ts"
export { imagesGenerations } from "./images-generations/endpoint.ts"
export { imagesVariations } from "./images-variations/endpoint.ts"
export { litellm } from "./litellm/endpoint.ts"
export { model, models } from "./models/endpoint.ts"
export { moderations } from "./moderations/endpoint.ts"
export { responses } from "./responses/endpoint.ts"
