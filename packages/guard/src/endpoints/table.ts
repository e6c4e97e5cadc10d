/**
 * Every endpoint there is, a line each; a route that is not here is refused.
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
