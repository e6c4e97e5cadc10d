/**
 * The home screen: what needs one person, what waits, the state of the installation.
 * @module
 */
import type { HomeHealth, HomeView, HomeWaiting } from "@nightlight/contract/server"
import type { z } from "zod"
import type { CasesService } from "../../casework/cases/service.ts"
import type { ReportWorklist } from "../../filing/reports/worklist/worklist.ts"
import type { RequestService } from "../../filing/requests/service.ts"
import type { PersonActor } from "../../platform/auth/actor.ts"
import type { Alarms } from "../../staff/alarms/service.ts"
import type { Approvals } from "../../staff/approvals/service.ts"
import type { PagerPort } from "../../staff/pager/types.ts"
import type { People } from "../../staff/people/service.ts"
import type { BreakGlass } from "../../staff/sign-in/break-glass/break-glass.ts"
import type { Commitments } from "../commitments/types.ts"
import type { Tasks } from "../operations/tasks.ts"

/** One thing that needs a person. */
export interface Due {
  readonly kind: HomeView["due"][number]["kind"]
  readonly id: string
  readonly code: string
  readonly about?: string
  readonly dueAt?: Date | undefined
  readonly sinceAt: Date
  readonly count?: number
}

/** Totals of waiting work. */
export type Waiting = z.infer<typeof HomeWaiting>

/** State of the installation's parts, as the home screen shows it. */
export type PartsHealth = z.infer<typeof HomeHealth>

/** The age of a list in the live index. */
export interface ListAge {
  readonly name: string
  readonly trust: string
  /** As its source stated it: a date, or a time. */
  readonly asOf?: string
}

/** Services of other features that the home screen is made from. */
export interface HomePorts {
  readonly cases: Pick<CasesService, "counts" | "dueFor" | "inDanger" | "callAbout" | "get">
  readonly reports: ReportWorklist
  readonly approvals: Pick<Approvals, "list">
  readonly alarms: Pick<Alarms, "list" | "about">
  readonly requests: Pick<RequestService, "list">
  readonly breakGlass: Pick<BreakGlass, "list">
  readonly people: Pick<People, "get" | "roster">
  readonly tasks: Pick<Tasks, "open">
  readonly commitments: Pick<Commitments, "statuses">
  /** Lists of the live index; `undefined` if none is live, or it does not answer in time. */
  readonly lists: () => Promise<{ readonly version: number; readonly lists: readonly ListAge[] } | undefined>
  readonly health: () => Promise<PartsHealth>
  readonly onCall: PagerPort["onCall"]
  /** Open steps of the set-up; `undefined` once there are none. */
  readonly setup: (health: Promise<PartsHealth>) => Promise<HomeView["setup"]>
}

/** Contribution of one part to the home screen. */
export interface HomePart {
  readonly due: readonly Due[]
  readonly waiting: Waiting
}

/** Collects the home screen of a person, within their permissions. */
export interface Home {
  of(person: PersonActor): Promise<HomeView>
}
