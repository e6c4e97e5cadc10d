/**
 * Which surfaces are open, and what looks at each: the guard does not start, and is not ready, with one that nothing
 * real looks at and no exception in force covers.
 * @module
 */
import { compact } from "@nightlight/core"
import type { Check } from "../checks/check.ts"
import { type Coverage, covers, type EndpointName, type Surface, surfaceOf } from "../inspect/surface.ts"
import type { SurfaceException } from "../setup/setup.ts"

/** One open surface. */
export interface CoveredSurface {
  readonly surface: Surface
  /** Names of the checks that look at it. */
  readonly checks: readonly string[]
  /** Whether one of them has something real to check with. */
  readonly screened: boolean
  /** The exception in force, where one is. */
  readonly exception?: SurfaceException
}

/** An endpoint, as far as its surfaces go. */
export interface SurfaceOwner {
  readonly name: EndpointName
  readonly surfaces: readonly Coverage[]
}

/** Says what covers what. */
export function coverage(
  endpoints: readonly SurfaceOwner[],
  checks: readonly Check[],
  exceptions: readonly SurfaceException[],
  now: Date,
): CoveredSurface[] {
  return endpoints.flatMap(({ name, surfaces }) =>
    surfaces.flatMap(({ directions, media }) =>
      directions.flatMap((direction) =>
        media.map((medium) => {
          const surface = surfaceOf(name, direction, medium)
          const looking = checks.filter((check) => covers(check.coverage, direction, medium))
          const exception = exceptionFor(surface, exceptions, now)
          return compact({
            surface,
            checks: looking.map((check) => check.name),
            screened: looking.some((check) => check.screens?.() ?? true),
            exception,
          })
        }),
      ),
    ),
  )
}

/** Surfaces that are open without right. */
export function uncovered(surfaces: readonly CoveredSurface[]): Surface[] {
  return surfaces
    .filter(({ screened, exception }) => !screened && exception === undefined)
    .map(({ surface }) => surface)
}

/** The exception in force for a surface. */
export function exceptionFor(
  surface: Surface,
  exceptions: readonly SurfaceException[],
  now: Date,
): SurfaceException | undefined {
  return exceptions.find((exception) => exception.surface === surface && Date.parse(exception.until) > now.getTime())
}
