/**
 * Scans: what sources screened, by their own signed reports, with the state of the findings that they pushed.
 * @module
 */
import type {
  PushedFollowUpAnswer,
  PushedHunt,
  PushedPurge,
  PushedScan,
  PushedScanAnswer,
  RECEIVED_STATES,
  ScanDetail,
  ScanList,
  ScanListQuery,
  SharedScanReport,
} from "@nightlight/contract/server"
import type { z } from "zod"
import type { Actor } from "../../platform/auth/actor.ts"

/** State of the findings of one scan, from intake. */
export interface ScanFindings {
  /** Number of received findings, by state. */
  readonly byState: Readonly<Record<(typeof RECEIVED_STATES)[number], number>>
  /** Cases with one of them, in order of their ids. */
  readonly cases: readonly string[]
}

/** The newest scan of one dataset, as far as it describes the dataset now. */
export interface NewestScan extends Pick<SharedScanReport, "state" | "screened" | "demo"> {
  readonly source: string
  /** See {@link SharedScanReport}. */
  readonly dataset: string
  readonly finishedAt: Date
  /**
   * When its workspace first finished a scan or a hunt with a newer index than this scan, or a complete hunt, was
   * matched with; undefined if it did not.
   */
  readonly newerListsSince: Date | undefined
}

/** Stores the reports of sources about their scans. */
export interface Scans {
  /**
   * Stores a scan's report. Of several reports of one scan the one that finished last stays; repeating changes nothing.
   *
   * @param scan - The source's own name of it.
   * @throws {RequestError} `forbidden` if the key has no live source; `input_invalid` unless the calling source signed
   *   it for this server, under that name.
   */
  receive(actor: Actor, scan: string, pushed: PushedScan): Promise<PushedScanAnswer>
  /**
   * Stores a hunt's report. Of several reports of one hunt the latest stays; repeating changes nothing.
   *
   * @param hunt - The source's own name of it.
   * @throws {RequestError} as {@link receive} does.
   */
  receiveHunt(actor: Actor, hunt: string, pushed: PushedHunt): Promise<PushedFollowUpAnswer>
  /**
   * Stores a purge's receipt in the same way.
   *
   * @param purge - The source's own name of it.
   * @throws {RequestError} as {@link receive} does.
   */
  receivePurge(actor: Actor, purge: string, pushed: PushedPurge): Promise<PushedFollowUpAnswer>
  /** Scans, last finished first. @throws {RequestError} `not_found` if `after` names none. */
  list(actor: Actor, query: z.infer<typeof ScanListQuery>): Promise<z.infer<typeof ScanList>>
  /** One scan; `undefined` if there is none. */
  get(actor: Actor, scanId: string): Promise<ScanDetail | undefined>
}
