/**
 * Surfaces: the places where content can pass the guard. Each open one has a detector or a recorded exception.
 * @module
 */
import type { Direction, Medium } from "./inspectable.ts"

/** The name of an endpoint in configuration and metrics: `chat`, `images.generations`. */
export type EndpointName = string

/** `chat.input.image`, `images.generations.output.image`. */
export type Surface = `${EndpointName}.${Direction}.${Medium}`

/** Names a surface. */
export function surfaceOf(endpoint: EndpointName, direction: Direction, medium: Medium): Surface {
  return `${endpoint}.${direction}.${medium}`
}

/** The surfaces that a check covers: those of all endpoints with these directions and media. */
export interface Coverage {
  readonly directions: readonly Direction[]
  readonly media: readonly Medium[]
}

/** Whether a coverage includes a direction and a medium. */
export function covers({ directions, media }: Coverage, direction: Direction, medium: Medium): boolean {
  return directions.includes(direction) && media.includes(medium)
}
