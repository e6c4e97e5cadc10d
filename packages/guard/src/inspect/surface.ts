/**
 * Surfaces: the places at which something can pass the guard. Each open one has a detector or a recorded exception.
 * @module
 */
import type { Direction, Medium } from "./inspectable.ts"

/** The name under which configuration and metrics know an endpoint: `chat`, `images.generations`. */
export type EndpointName = string

/** `chat.input.image`, `images.generations.output.image`. */
export type Surface = `${EndpointName}.${Direction}.${Medium}`

/** Names a surface. */
export function surfaceOf(endpoint: EndpointName, direction: Direction, medium: Medium): Surface {
  return `${endpoint}.${direction}.${medium}`
}

/** Which surfaces a check looks at: all endpoints', of these directions and media. */
export interface Coverage {
  readonly directions: readonly Direction[]
  readonly media: readonly Medium[]
}

/** Whether a coverage has a surface in it. */
export function covers({ directions, media }: Coverage, direction: Direction, medium: Medium): boolean {
  return directions.includes(direction) && media.includes(medium)
}
