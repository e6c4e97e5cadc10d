import type { Check } from "../checks/check.ts"
import type { ExchangePorts } from "../running/admission.ts"
import type { Running } from "../running/running.ts"
import type { Answers } from "./peer.ts"
import type { AskedByWorkers } from "./questions.ts"

/** What the first process answers its workers from. */
export interface AnswersDeps {
  readonly ports: ExchangePorts
  readonly current: () => Running
  readonly hashMatch: (check: { readonly name: string; readonly deadlineMs: number }) => Check
  /** Whether a list that is no test list is live. */
  readonly screens: () => boolean
}

/** What the first process answers its workers. */
export function createAnswers({ ports, current, hashMatch, screens }: AnswersDeps): Answers<AskedByWorkers> {
  return {
    admit: async (call) => ({ ...(await ports.admit(call, current())), screens: screens() }),
    // Made for the question: a worker may still end an exchange of the configuration before.
    match: ({ name, deadlineMs, items, context }, signal) =>
      hashMatch({ name, deadlineMs }).run(items, context, signal),
    record: ({ event, call }) => ports.record(event, call),
  }
}
