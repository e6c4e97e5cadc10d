/**
 * Contributions of a feature to the two processes: routes for the server, jobs for the worker, measures for the
 * metrics.
 * @module
 */
import type { FastifyInstance, FastifyRequest } from "fastify"
import type { Actor } from "./auth/actor.ts"
import type { JobDefinition } from "./jobs/job.ts"

/** One feature of the server; `context.ts` makes it. */
export interface Feature {
  /** Such as `cases`. */
  readonly name: string
  /** Registers its routes, each by `addRoute`. */
  readonly routes?: (app: FastifyInstance) => void
  readonly jobs?: readonly JobDefinition[]
  readonly measures?: readonly Measure[]
}

/** A gauge that is read from the database at each scrape. */
export interface Measure {
  /** `nightlight_` and snake case. */
  readonly name: string
  /** One sentence. */
  readonly help: string
  /** Names of labels whose values come from a short fixed list: a state, a code; never an id. */
  readonly labels: readonly string[]
  readonly read: () => Promise<readonly { readonly labels: Readonly<Record<string, string>>; readonly value: number }[]>
}

/**
 * Finds the caller, from the session cookie or the key.
 *
 * @returns `undefined` for a caller without a valid one; never throws because of a caller's input.
 */
export type Authenticate = (request: FastifyRequest) => Promise<Actor | undefined>
