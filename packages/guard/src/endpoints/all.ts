/**
 * Every endpoint there is; a route that is not here is refused.
 * @module
 */
import { chat } from "./chat/endpoint.ts"
import { completions } from "./completions/endpoint.ts"
import { embeddings } from "./embeddings/endpoint.ts"
import type { Endpoint } from "./endpoint.ts"
import { imagesEdits } from "./images-edits/endpoint.ts"
import { imagesGenerations } from "./images-generations/endpoint.ts"
import { imagesVariations } from "./images-variations/endpoint.ts"
import { litellm } from "./litellm/endpoint.ts"
import { model, models } from "./models/endpoint.ts"
import { moderations } from "./moderations/endpoint.ts"
import { responses } from "./responses/endpoint.ts"
import type { ServedEndpoint } from "./served.ts"

/** Endpoints that are forwarded. */
export const ENDPOINTS: readonly Endpoint[] = [
  chat,
  responses,
  completions,
  embeddings,
  imagesGenerations,
  imagesEdits,
  imagesVariations,
  models,
  model,
]

/** Endpoints that the guard answers itself. */
export const SERVED_ENDPOINTS: readonly ServedEndpoint[] = [moderations, litellm]
