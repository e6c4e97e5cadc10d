import type { CheckContext } from "../validate/problem.ts"

interface Verifiable {
  readonly verified?: boolean
  readonly verificationDate?: string
}

/** A date of verification says that there was one. */
export function verificationRule({ verified, verificationDate }: Verifiable, { report }: CheckContext): void {
  if (verificationDate !== undefined && verified !== true) {
    report("verificationDate", "rule", "needs verified to be true")
  }
}

interface Phone extends Verifiable {
  readonly value: string
  readonly countryCallingCode?: string
}

/** A number whose country calling code stands in the attribute does not repeat it. */
export function phoneRule(phone: Phone, context: CheckContext): void {
  verificationRule(phone, context)
  if (phone.countryCallingCode !== undefined && phone.value.trimStart().startsWith("+")) {
    context.report("value", "rule", "must not repeat the country calling code that its attribute gives")
  }
}
