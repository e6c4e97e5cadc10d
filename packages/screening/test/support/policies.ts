import { loadPolicy, type Policy } from "../../src/index.ts"

/** The text of a policy with one rule. Its condition is a block at line 5, column 11. */
export function policyText(when: string, decide = "review", rest = ""): string {
  return `name: a-policy
version: 1
rules:
  - name: a-rule
    when: ${when}
    decide: ${decide}
default: clear
${rest}`
}

export function policyOf(when: string, decide = "review", rest = ""): Policy {
  return loadPolicy(policyText(when, decide, rest), { fileName: "a-policy.yaml" })
}
