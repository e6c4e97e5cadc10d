import { US_STATES } from "../schema/places.ts"
import type { CheckContext } from "../validate/problem.ts"

interface Disabled {
  readonly disabledDate?: string
  readonly userNotifiedDate?: string
  readonly reenabledDate?: string
}

/** An account's owner is notified of its disabling no earlier than it happens, and it is enabled again after that. */
export function disabledRule(disabled: Disabled, { report }: CheckContext): void {
  if (disabled.disabledDate === undefined) return
  const since = Date.parse(disabled.disabledDate)
  const { userNotifiedDate, reenabledDate } = disabled
  if (userNotifiedDate !== undefined && Date.parse(userNotifiedDate) < since) {
    report("userNotifiedDate", "order_of_times", "must not be before disabledDate")
  }
  if (reenabledDate !== undefined && Date.parse(reenabledDate) <= since) {
    report("reenabledDate", "order_of_times", "must be after disabledDate")
  }
}

interface Location {
  readonly city?: string
  readonly region?: string
  readonly countryCode?: string
}

const states: readonly string[] = US_STATES.filter((state) => state !== "")

/** A place in the United States names its state by its abbreviation, at least if it names a city. */
export function locationRule({ city, region, countryCode }: Location, { report }: CheckContext): void {
  if (countryCode === "") report("countryCode", "blank", "must not be empty where it is given")
  if (countryCode !== "US") return
  if (region === undefined) {
    if (city !== undefined) report("region", "required", "is required with a city of the United States")
  } else if (!states.includes(region)) {
    report("region", "not_listed", "must be the abbreviation of a state or territory in the United States")
  }
}

interface Aged {
  readonly approximateAge?: number
  readonly dateOfBirth?: string
}

/** An associated account has an approximate age or a date of birth. */
export function associatedAccountRule({ approximateAge, dateOfBirth }: Aged, { report }: CheckContext): void {
  if (approximateAge !== undefined && dateOfBirth !== undefined) {
    report("approximateAge", "choice", "must not be used with dateOfBirth")
  }
}
