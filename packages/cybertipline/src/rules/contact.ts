import type { CheckContext } from "../validate/problem.ts"

interface Verifiable {
  readonly verified?: boolean
  readonly verificationDate?: string
}

/** A date of verification implies a verification. */
export function verificationRule({ verified, verificationDate }: Verifiable, { report }: CheckContext): void {
  if (verificationDate !== undefined && verified !== true) {
    report("verificationDate", "rule", "requires verified to be true")
  }
}

interface Phone extends Verifiable {
  readonly value: string
  readonly countryCallingCode?: string
}

/** A number whose country calling code is in the attribute must not repeat it. */
export function phoneRule(phone: Phone, context: CheckContext): void {
  verificationRule(phone, context)
  if (phone.countryCallingCode !== undefined && phone.value.trimStart().startsWith("+")) {
    context.report("value", "rule", "must not repeat the country calling code of its attribute")
  }
}
