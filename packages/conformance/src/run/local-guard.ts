import { CONFORMANCE_MARKER, MARKED_FILES } from "../case/markers.ts"
import { startMockUpstream } from "../mock/mock-upstream.ts"
import type { ConformanceReport } from "../report/report.ts"
import { type ConformanceOptions, runConformance } from "./run.ts"

/** A gateway that is started for one run, and gone when it is disposed. */
export interface LocalGuard extends AsyncDisposable {
  /** Base URL. */
  readonly url: string
}

/** Starts a gateway in front of the mock that blocks the phrase and the pictures. */
export type StartLocalGuard = (options: {
  /** Base URL of the mock upstream. */
  readonly upstreamUrl: string
  readonly phrase: string
  /** Files of pictures. */
  readonly pictures: readonly Uint8Array[]
}) => Promise<LocalGuard>

/**
 * Runs the suite against a gateway that is started for the run, the mock on any free port.
 *
 * @throws as {@link runConformance}, and whatever `start` throws.
 */
export async function runLocalConformance(
  start: StartLocalGuard,
  options: Omit<ConformanceOptions, "target" | "upstream">,
): Promise<ConformanceReport> {
  await using opened = new AsyncDisposableStack()
  const upstream = opened.adopt(await startMockUpstream(), (mock) => mock.close())
  const phrase = options.marker ?? CONFORMANCE_MARKER
  const guard = await start({ upstreamUrl: upstream.url, phrase, pictures: Object.values(MARKED_FILES) })
  opened.use(guard)
  return await runConformance({ ...options, target: guard.url, upstream })
}
