import { CONFORMANCE_MARKER, MARKED_FILES } from "../case/markers.ts"
import { startMockUpstream } from "../mock/mock-upstream.ts"
import type { ConformanceReport } from "../report/report.ts"
import { type ConformanceOptions, runConformance } from "./run.ts"

/** A gateway that is started for one run and stops when it is disposed of. */
export interface LocalGuard extends AsyncDisposable {
  /** Base URL. */
  readonly url: string
}

/** Starts a gateway in front of the mock, configured to block the phrase and the pictures. */
export type StartLocalGuard = (options: {
  /** Base URL of the mock upstream. */
  readonly upstreamUrl: string
  readonly phrase: string
  /** Bytes of the picture files. */
  readonly pictures: readonly Uint8Array[]
}) => Promise<LocalGuard>

/**
 * Runs the suite against a gateway started for the run, with the mock on any free port.
 *
 * @throws As {@link runConformance}, and errors of `start`.
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
