/**
 * Which surfaces are open, and which checks cover each. The guard does not start, and is not ready, while an open
 * surface has neither a real check nor an exception in force.
 * @module
 */
import { compact } from "@nightlight/core"
import type { Check } from "../checks/check.ts"
import { type Coverage, covers, type EndpointName, type Surface, surfaceOf } from "../inspect/surface.ts"
import type { SurfaceException } from "../setup/setup.ts"

/** One open surface. */
export interface CoveredSurface {
  readonly surface: Surface
  /** Names of the checks that cover it. */
  readonly checks: readonly string[]
  /** Whether one of them has something real to check with. */
  readonly screened: boolean
  /** The exception in force, if there is one. */
  readonly exception?: SurfaceException
}

/** The part of an endpoint that its surfaces need. */
export interface SurfaceOwner {
  readonly name: EndpointName
  readonly surfaces: readonly Coverage[]
}

/** Lists the open surfaces with the checks and exceptions that cover them. */
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
          const covering = checks.filter((check) => covers(check.coverage, direction, medium))
          const exception = exceptionFor(surface, exceptions, now)
          return compact({
            surface,
            checks: covering.map((check) => check.name),
            screened: covering.some((check) => check.screens?.() ?? true),
            exception,
          })
        }),
      ),
    ),
  )
}

/** Open surfaces that neither a real check nor an exception covers. */
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
